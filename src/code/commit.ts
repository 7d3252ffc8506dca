import { existsSync, readFileSync, renameSync, rmSync, type Stats, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../failures/index.js';
import { GitFailure, gitIn } from './git.js';
import { allUnignoredBut } from './ignore.js';
import { type Repository, waitForIndex } from './repository.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/** What a commit of mlx says. */
const commitMessage = 'mlx: automatically committing all changes';

/** Which changes a commit or a snapshot takes. */
export interface ChangeScope {
  /** The places that mlx writes to, which are never part of it. */
  readonly own: readonly string[];
  /** Whether untracked files are among it. */
  readonly untracked: boolean;
}

/**
 * Commits all changes of tracked files, and on request untracked ones, as the user would by `git commit -a`: their identity, their
 * hooks. Gives git's own words; undefined where another launch has committed all meanwhile. Throws `detached-head`,
 * `submodule-modified`, `index-locked`, or `commit-failed` with what git and the hooks said, the index then as before.
 */
export async function commitAll(
  repository: Repository,
  tree: WorkTree,
  taken: ChangeScope,
): Promise<string | undefined> {
  const { root, gitDirectory } = repository;
  if (tree.branch === null) fail({ reason: 'detached-head', repository: root, commit: tree.commit });
  refuseModifiedSubmodules(tree);
  // The words are for the user, and so is the language.
  const git = gitIn(root, { untranslated: false });
  const index = join(gitDirectory, 'index');
  await waitForIndex(repository);
  const before =
    taken.untracked && existsSync(index) ? { content: readFileSync(index), stat: statSync(index) } : undefined;
  try {
    // Only announced: `commit -a` takes what they hold, and if it never comes to that, nothing of them is staged.
    if (taken.untracked) await git('add', '--intent-to-add', '--', ...(await allUnignoredBut(repository, taken.own)));
    return (await git('commit', '--all', '--message', commitMessage)).trim();
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (before) restoreIndex(index, before);
    const now = await inspectWorkTree(repository, taken.own);
    if (now.changed.length === 0 && !(taken.untracked && now.untracked.length > 0)) return undefined;
    if (/index\.lock/.test(error.words)) return commitAll(repository, now, taken);
    return fail({ reason: 'commit-failed', words: error.words });
  }
}

/**
 * Puts an index back as git itself writes one: whole, under its lock, and with its time, by which git tells what changed within the same
 * second. Where another git holds the lock, it is left to it.
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

/** A commit names a submodule's commit alone: what was changed inside would not run. Throws `submodule-modified`. */
export function refuseModifiedSubmodules({ modifiedSubmodules: [path] }: WorkTree): void {
  if (path !== undefined) fail({ reason: 'submodule-modified', path });
}
