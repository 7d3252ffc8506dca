import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { errnoCode, ifPresent } from '../core/errno.js';
import { listRunIds, storePaths } from './paths.js';

/** After this many taken numbers in a row the hint counts as out of date, and the directory is listed. */
const takenBeforeListing = 64;

/**
 * Returns the number at which to start the search for a free id: the hint in the store, else the last run's
 * id plus 1.
 */
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
 * Claims run ids by `mkdir`, which succeeds for one process only, also on NFS. It writes a hint for other
 * processes now and then. An old hint costs them a few failed `mkdir` calls, nothing else.
 */
export class IdClaimer {
  #next: number;
  #unhinted = 0;

  constructor(readonly store: string) {
    this.#next = nextIdHint(store);
  }

  /**
   * Claims the next free id and returns it. Its directory then exists and is empty. Throws the system's
   * error.
   */
  claim(): number {
    for (let taken = 0; ; taken++) {
      if (taken === takenBeforeListing) this.#next = Math.max(this.#next, afterLast(this.store));
      const id = this.#next++;
      if (!makeNew(storePaths.run(this.store, id))) continue;
      if (existsSync(storePaths.deleted(this.store, id))) {
        // The number belonged to a deleted run.
        rmdirSync(storePaths.run(this.store, id));
        continue;
      }
      if (++this.#unhinted >= takenBeforeListing / 2) this.writeHint();
      return id;
    }
  }

  /** Writes the hint for the next launcher. Ignores errors. */
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
