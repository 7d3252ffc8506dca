import { copyFileSync, existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { type ChangeScope, refuseModifiedSubmodules } from './commit.js';
import { GitFailure, gitIn } from './git.js';
import { allUnignoredBut } from './ignore.js';
import { withOwnIndex } from './own-index.js';
import { type Repository, waitForIndex } from './repository.js';
import { statusRecords, type WorkTree } from './work-tree.js';

/** A commit that ran is kept under this, so that no clean-up of git takes it away. */
export const keptRef = (commit: string) => `refs/mlx/${commit}`;

/** How often a snapshot is tried while files change under it. */
const attempts = 3;

/**
 * Makes a commit of the work tree as it is now, without touching branch, index, stash or any file: its tree is made by an index of
 * its own. It is of one moment: where files change while it is taken, it is taken anew. The same work tree on the same commit gives the
 * same snapshot. Throws `tree-changing`, `submodule-modified`, `index-locked` or `git-failed`.
 */
export async function takeSnapshot(repository: Repository, tree: WorkTree, taken: ChangeScope): Promise<string> {
  refuseModifiedSubmodules(tree);
  await waitForIndex(repository);
  const { root, gitDirectory, git } = repository;
  const treeId = await withOwnIndex((index) => {
    const source = join(gitDirectory, 'index');
    // What git knows of unchanged files comes with it, so that they need not be read.
    if (existsSync(source)) copyIndex(source, index);
    return settledTree(repository, index, taken);
  });
  const date = (await git('show', '--no-patch', '--format=%cI', tree.commit)).trim();
  const who = { NAME: 'mlx', EMAIL: 'mlx@localhost', DATE: date };
  const environment = Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const words = ['commit-tree', treeId, '-p', tree.commit, '-m', 'mlx: snapshot of the work tree'];
  const commit = (await gitIn(root, { environment })(...words)).trim();
  await keepCommit(repository, commit);
  return commit;
}

/**
 * Copies an index with its time, by which git tells what may have changed after the last look at it within the same second (racy-git
 * in git's technical documentation): a later time would hide such changes.
 */
function copyIndex(from: string, to: string): void {
  const { atime, mtime } = statSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}

/** Keeps a commit from being cleaned up by git, whatever becomes of its branch. */
export async function keepCommit({ git, commonDirectory }: Repository, commit: string): Promise<void> {
  // A look is quicker than git, and most launches are of a commit that ran before; a ref that is kept otherwise is written again.
  const ref = keptRef(commit);
  const text = ifPresent(() => readFileSync(join(commonDirectory, ref), 'utf8'));
  if (text?.trim() !== commit) await git('update-ref', ref, commit);
}

/** The tree of all files, none of which has changed between the first that was read and the last. */
async function settledTree(repository: Repository, index: string, { own, untracked }: ChangeScope): Promise<string> {
  const git = gitIn(repository.root, { index });
  const paths = await allUnignoredBut(repository, own);
  const options = ['--porcelain=v1', '-z', '--no-renames', `--untracked-files=${untracked ? 'all' : 'no'}`];
  let changing: string[] = [];
  let failure: GitFailure | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await git('-c', 'core.splitIndex=false', 'add', untracked ? '--all' : '--update', '--', ...paths);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      // A file that became shorter while it was read, for instance.
      failure = error;
      continue;
    }
    const treeId = (await git('write-tree')).trim();
    const now = await git('status', ...options, '--ignore-submodules=dirty', '--', ...paths);
    // What differs from the index of a moment ago, the second letter: what it holds was read before.
    changing = statusRecords(now).flatMap(({ state, path }) => (state[1] === ' ' ? [] : path));
    if (changing.length === 0) return treeId;
  }
  if (changing.length === 0 && failure) throw failure;
  return fail({ reason: 'tree-changing', paths: changing });
}
