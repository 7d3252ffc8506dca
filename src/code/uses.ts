import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { errnoCode, ifPresent } from '../core/errno.js';

/** A store whose runs use a copy, or commits of a repository. */
export interface StoreUse {
  readonly store: string;
  /** When its last launch marked the use. */
  readonly last: Date;
}

const directoryOf = (gitDirectory: string) => join(gitDirectory, 'mlx', 'stores');

/**
 * Records in a git directory that runs of a store use it, so that a clean-up for another store does not
 * remove it. Returns false if the directory does not exist any more.
 */
export function markUse(gitDirectory: string, store: string): boolean {
  if (!ifPresent(() => statSync(gitDirectory))) return false;
  const name = createHash('sha256').update(store).digest('hex').slice(0, 16);
  try {
    mkdirSync(directoryOf(gitDirectory), { recursive: true });
    writeFileAtomic(join(directoryOf(gitDirectory), name), store);
    return ifPresent(() => statSync(join(gitDirectory, 'HEAD'))) !== undefined;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Returns the stores that are recorded in a git directory. */
export function usesOf(gitDirectory: string): StoreUse[] {
  const directory = directoryOf(gitDirectory);
  return (ifPresent(() => readdirSync(directory)) ?? []).flatMap((name) => {
    const path = join(directory, name);
    return name.endsWith('.tmp') ? [] : { store: readFileSync(path, 'utf8'), last: statSync(path).mtime };
  });
}
