import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changedFiles } from './copy.js';
import { findRepository, type Repository, readRemotes, refuseBusy } from './repository.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/** The code that a launch is going to fix. */
export interface CodeToFix {
  readonly repository: Repository;
  readonly tree: WorkTree;
  /** Copies that were looked at, with what was changed in them. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** The settings of its remotes. */
  readonly remotes: ReadonlyMap<string, string>;
}

/**
 * Looks at the repository of a directory, and at the copy of its last commit, all at once: on a large one each takes its time. Throws
 * what `findRepository`, `refuseBusy` and `inspectWorkTree` throw.
 *
 * @param own the places that mlx writes to.
 * @param parent the directory of copies.
 */
export async function lookAtCode(directory: string, own: readonly string[], parent: string): Promise<CodeToFix> {
  const repository = await findRepository(directory);
  refuseBusy(repository);
  const copy = join(parent, repository.head);
  const [tree, changed, remotes] = await Promise.all([
    inspectWorkTree(repository, own),
    existsSync(copy) ? changedFiles(copy) : undefined,
    readRemotes(repository),
  ]);
  return { repository, tree, known: new Map(changed ? [[copy, changed]] : []), remotes };
}
