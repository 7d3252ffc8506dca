import { copyFileSync, existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { type ChangeScope, refuseModifiedSubmodules } from './commit.js';
import { GitFailure, gitIn, workSeconds } from './git.js';
import { allUnignoredBut } from './ignore.js';
import { type Repository, waitForIndex } from './repository.js';
import { withTemporaryIndex } from './temporary-index.js';
import { statusRecords, type WorkTree } from './work-tree.js';

/** Returns the ref that protects a commit of a launch from git's clean-up. */
export const keptRef = (commit: string) => `refs/mlx/${commit}`;

/** The most tries for a snapshot while files change. */
const mostTries = 3;

/**
 * Makes a commit of the work tree without touching the branch, the index, the stash or any file: a temporary
 * index makes its tree. Returns its id. The snapshot shows one moment: if files change meanwhile, it is taken
 * again. The same work tree on the same commit has the same snapshot. Throws `tree-changing`,
 * `submodule-modified`, `index-locked` or `git-failed`.
 */
export async function takeSnapshot(repository: Repository, tree: WorkTree, scope: ChangeScope): Promise<string> {
  refuseModifiedSubmodules(tree);
  await waitForIndex(repository);
  const { root, gitDirectory, git } = repository;
  const treeId = await withTemporaryIndex((index) => {
    const source = join(gitDirectory, 'index');
    // The user's index knows the unchanged files, so that git need not read them.
    if (existsSync(source)) copyIndex(source, index);
    return settledTree(repository, index, scope);
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
 * Copies an index with its time. Git compares that time with the files' times to find changes within the same
 * second (racy-git in git's technical documentation); a later time would hide them.
 */
function copyIndex(from: string, to: string): void {
  const { atime, mtime } = statSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}

/** Protects a commit from git's clean-up, even if its branch is deleted. */
export async function keepCommit({ git, commonDirectory }: Repository, commit: string): Promise<void> {
  // Most launches run a commit that is protected already, and reading the ref is faster than git. A packed
  // ref is written again.
  const ref = keptRef(commit);
  const text = ifPresent(() => readFileSync(join(commonDirectory, ref), 'utf8'));
  if (text?.trim() !== commit) await git('update-ref', ref, commit);
}

/**
 * Returns the tree of all files, of which none changed while they were read. Throws `tree-changing` or
 * `git-failed`.
 */
async function settledTree(repository: Repository, index: string, { own, untracked }: ChangeScope): Promise<string> {
  const git = gitIn(repository.root, { index, seconds: workSeconds });
  const paths = await allUnignoredBut(repository, own);
  const options = ['--porcelain=v1', '-z', '--no-renames', `--untracked-files=${untracked ? 'all' : 'no'}`];
  let changing: string[] = [];
  let failure: GitFailure | undefined;
  for (let tries = 0; tries < mostTries; tries++) {
    try {
      await git('-c', 'core.splitIndex=false', 'add', untracked ? '--all' : '--update', '--', ...paths);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      // For example, a file became shorter while git read it.
      failure = error;
      continue;
    }
    const treeId = (await git('write-tree')).trim();
    const now = await git('status', ...options, '--ignore-submodules=dirty', '--', ...paths);
    // The second letter is the difference from the index, which was just made.
    changing = statusRecords(now).flatMap(({ state, path }) => (state[1] === ' ' ? [] : path));
    if (changing.length === 0) return treeId;
  }
  if (changing.length === 0 && failure) throw failure;
  return fail({ reason: 'tree-changing', paths: changing });
}
