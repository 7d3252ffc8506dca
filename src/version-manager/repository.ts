import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ifPresent } from '../core/errno.js';
import { fail } from '../core/failure.js';
import { type Git, GitFailure, gitIn, requireGit } from './git.js';

/** A repository with a work tree and at least one commit, as it is found from a directory in it. */
export interface Repository {
  /** The top of the work tree, without symbolic links. */
  readonly root: string;
  /** The directory in it from which it was found; empty at the top. */
  readonly prefix: string;
  /** Its own git directory; of a linked work tree that in `worktrees`. */
  readonly gitDirectory: string;
  /** The git directory that all its work trees share. */
  readonly commonDirectory: string;
  readonly git: Git;
}

/** A commit, and the branch that it was the tip of. */
export interface Head {
  readonly commit: string;
  /** Null where HEAD is detached. */
  readonly branch: string | null;
}

/**
 * Finds the repository that a directory is in. Throws `no-git`, `no-repository` or `repository-untrusted` (git's
 * `safe.directory`).
 */
export async function findRepository(directory: string): Promise<Repository> {
  const git = gitIn(directory);
  const lines = await placesOf(git, directory);
  const [root = '', prefix = '', gitDirectory = '', commonDirectory = ''] = lines;
  return {
    root,
    prefix: prefix.replace(/\/$/, ''),
    gitDirectory,
    commonDirectory: resolve(directory, commonDirectory),
    git: gitIn(root),
  };
}

async function placesOf(git: Git, directory: string): Promise<string[]> {
  try {
    const words = ['--show-toplevel', '--show-prefix', '--absolute-git-dir', '--git-common-dir'];
    return (await git('rev-parse', ...words)).split('\n');
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const { words: message } = error;
    if (/dubious ownership|unsafe repository/.test(message)) {
      const [, root = directory] = /repository at '(.*)'|repository \('(.*)' is/.exec(message)?.filter(Boolean) ?? [];
      return fail({ reason: 'repository-untrusted', repository: root });
    }
    if (/not a git repository/i.test(message)) return fail({ reason: 'no-repository', directory, bare: false });
    if (/must be run in a work tree/.test(message)) return fail({ reason: 'no-repository', directory, bare: true });
    // Git tells an option that it does not know apart from nothing else.
    await requireGit(git);
    throw error;
  }
}

/** What of git's own state says that something is under way which a commit in between would break. */
const operations: readonly (readonly [path: string, operation: string])[] = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
];

/** Throws `repository-busy` while a merge, a rebase or the like is under way. */
export function refuseBusy({ gitDirectory, root }: Repository): void {
  const operation = operations.find(([path]) => existsSync(join(gitDirectory, path)))?.[1];
  if (operation !== undefined) fail({ reason: 'repository-busy', repository: root, operation });
}

/** Seconds that another git is waited for. */
const lockPatience = 5;

/** Waits while another git writes the index. Throws `index-locked` where that does not end. */
export async function waitForIndex({ gitDirectory }: Repository): Promise<void> {
  const path = join(gitDirectory, 'index.lock');
  for (const end = Date.now() + lockPatience * 1000; existsSync(path); await sleep(100)) {
    if (Date.now() <= end) continue;
    const since = ifPresent(() => statSync(path).mtime);
    if (since) fail({ reason: 'index-locked', path, since });
  }
}

/** The URL of the remote that a branch follows, or of `origin`, without names and passwords; null where there is none. */
export async function remoteUrl({ git }: Repository, branch: string | null): Promise<string | null> {
  const remote = branch === null ? undefined : await configured(git, `branch.${branch}.remote`);
  const url = await configured(git, `remote.${remote ?? 'origin'}.url`);
  return url === undefined ? null : withoutCredentials(url);
}

async function configured(git: Git, key: string): Promise<string | undefined> {
  try {
    return (await git('config', '--get', key)).trim();
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}

/** `https://name:secret@host/path` as `https://host/path`; the user of an ssh address is no secret, and stays. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(\w[\w+.-]*:\/\/)([^/@]*@)+/, (_, scheme: string, name: string) =>
    /^ssh/.test(scheme) ? `${scheme}${name.replace(/:.*@/, '@')}` : scheme,
  );
}
