import { existsSync, readFileSync, renameSync, rmSync, type Stats, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../failures/index.js';
import { GitFailure, gitIn, workSeconds } from './git.js';
import { allUnignoredBut } from './ignore.js';
import { type Repository, waitForIndex } from './repository.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/** The message of mlx's commits. */
const commitMessage = 'mlx: automatically committing all changes';

/** Which changes a commit or a snapshot contains. */
export interface ChangeScope {
  /** The directories that mlx writes to, which are always left out. */
  readonly own: readonly string[];
  /** True to include untracked files. */
  readonly untracked: boolean;
}

/**
 * Commits all changes of tracked files, and on request untracked files, like the user's `git commit -a`, with
 * their identity and hooks. Returns git's words, or undefined if another launch has committed everything
 * meanwhile. Throws `detached-head`, `submodule-modified`, `index-locked`, or `commit-failed` with the words
 * of git and hooks; the index is then as it was.
 */
export async function commitAll(
  repository: Repository,
  tree: WorkTree,
  scope: ChangeScope,
): Promise<string | undefined> {
  const { root, gitDirectory } = repository;
  if (tree.branch === null) fail({ reason: 'detached-head', repository: root, commit: tree.commit });
  refuseModifiedSubmodules(tree);
  // The user reads git's words, and their hooks decide.
  const git = gitIn(root, { asUser: true, seconds: workSeconds });
  const index = join(gitDirectory, 'index');
  await waitForIndex(repository);
  const before =
    scope.untracked && existsSync(index) ? { content: readFileSync(index), stat: statSync(index) } : undefined;
  try {
    // `--intent-to-add` makes `commit -a` include them. If the commit fails, nothing of them is staged.
    if (scope.untracked) await git('add', '--intent-to-add', '--', ...(await allUnignoredBut(repository, scope.own)));
    return (await git('commit', '--all', '--message', commitMessage)).trim();
  } catch (error) {
    if (before) restoreIndex(index, before);
    if (!(error instanceof GitFailure)) throw error;
    const now = await inspectWorkTree(repository, scope.own);
    if (now.changed.length === 0 && !(scope.untracked && now.untracked.length > 0)) return undefined;
    if (/index\.lock/.test(error.words)) return commitAll(repository, now, scope);
    return fail({ reason: 'commit-failed', words: error.words });
  }
}

/**
 * Restores an index as git writes one: whole, under its lock. Restores its time as well, from which git
 * derives what changed within the same second. Does nothing if another git holds the lock.
 */
function restoreIndex(index: string, { content, stat }: { content: Uint8Array; stat: Stats }): void {
  const lock = `${index}.lock`;
  try {
    writeFileSync(lock, content, { flag: 'wx' });
  } catch {
    return;
  }
  try {
    utimesSync(lock, stat.atime, stat.mtime);
    renameSync(lock, index);
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
}

/**
 * Throws `submodule-modified` if a submodule has changes: a commit records only the submodule's commit, so
 * they would not run.
 */
export function refuseModifiedSubmodules({ modifiedSubmodules: [path] }: WorkTree): void {
  if (path !== undefined) fail({ reason: 'submodule-modified', path });
}
