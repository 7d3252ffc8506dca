import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { errnoCode, ifPresent } from '../core/errno.js';
import { listRunIds, storePaths } from './paths.js';

/** After so many taken numbers in a row the hint is taken for stale, and the directory is listed. */
const takenBeforeListing = 64;

/** The number from which a search for a free id starts. It never exceeds a free id by more than was ever claimed. */
export function nextIdHint(store: string): number {
  const text = ifPresent(() => readFileSync(storePaths.hint(store), 'utf8'));
  const hint = Number(text);
  if (text !== undefined && Number.isSafeInteger(hint) && hint > 0) return hint;
  return afterLast(store);
}

function afterLast(store: string): number {
  return (listRunIds(store)?.at(-1) ?? 0) + 1;
}

/**
 * Claims run ids one after the other by `mkdir`, which succeeds for one process only, on NFS too. The hint for other
 * processes is written now and then; one that is behind costs them a few failed `mkdir`, nothing else.
 */
export class IdClaimer {
  #next: number;
  #unhinted = 0;

  constructor(readonly store: string) {
    this.#next = nextIdHint(store);
  }

  /** Claims the next free id and gives it; its directory exists and is empty. */
  claim(): number {
    for (let taken = 0; ; taken++) {
      if (taken === takenBeforeListing) this.#next = Math.max(this.#next, afterLast(this.store));
      const id = this.#next++;
      if (!makeNew(storePaths.run(this.store, id))) continue;
      if (existsSync(storePaths.deleted(this.store, id))) {
        // It was another run's number.
        rmdirSync(storePaths.run(this.store, id));
        continue;
      }
      if (++this.#unhinted >= takenBeforeListing / 2) this.writeHint();
      return id;
    }
  }

  /** Leaves the hint for the next launcher. Only a hint: a failure to write it is no failure. */
  writeHint(): void {
    if (this.#unhinted === 0) return;
    this.#unhinted = 0;
    try {
      writeFileAtomic(storePaths.hint(this.store), `${this.#next}\n`);
    } catch {
      // The next launcher lists the directory instead.
    }
  }
}

function makeNew(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return false;
    throw error;
  }
}
