import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changedFiles } from './copy.js';
import { findRepository, type Repository, readRemotes, refuseBusy } from './repository.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/** The code whose version a launch will fix. */
export interface CodeToFix {
  readonly repository: Repository;
  readonly tree: WorkTree;
  /** The changed files of copies that were checked, by path. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** The settings about remotes, by key. */
  readonly remotes: ReadonlyMap<string, string>;
}

/**
 * Inspects the repository of a directory and the copy of its last commit, in parallel, because each is slow
 * in a large repository. Throws what `findRepository`, `refuseBusy` and `inspectWorkTree` throw.
 *
 * @param own the directories that mlx writes to.
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
