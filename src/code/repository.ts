import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { type Git, GitFailure, gitIn, requireGit } from './git.js';

/** A repository with a work tree and at least one commit, found from a directory in it. */
export interface Repository {
  /** The top of the work tree, without symbolic links. */
  readonly root: string;
  /** The directory from which it was found, relative to the top; empty at the top. */
  readonly prefix: string;
  /** Its git directory; for a linked work tree the one in `worktrees`. */
  readonly gitDirectory: string;
  /** The git directory that all its work trees share. */
  readonly commonDirectory: string;
  /** The last commit when it was found. */
  readonly head: string;
  readonly git: Git;
}

/**
 * Finds the repository that a directory is in. Throws `no-git`, `no-repository`, `no-commit` or
 * `repository-untrusted` (git's `safe.directory`).
 */
export async function findRepository(directory: string): Promise<Repository> {
  const git = gitIn(directory);
  const lines = await revParse(git, directory);
  const [root = '', prefix = '', gitDirectory = '', commonDirectory = '', head = ''] = lines;
  return {
    root,
    prefix: prefix.replace(/\/$/, ''),
    gitDirectory,
    commonDirectory: resolve(directory, commonDirectory),
    head,
    git: gitIn(root),
  };
}

/**
 * Returns the top, prefix, git directory, common directory and commit of a repository. Throws as
 * `findRepository`.
 */
async function revParse(git: Git, directory: string): Promise<string[]> {
  try {
    const words = ['--show-toplevel', '--show-prefix', '--absolute-git-dir', '--git-common-dir', 'HEAD'];
    return (await git('rev-parse', ...words)).split('\n');
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const { words: message } = error;
    if (/dubious ownership|unsafe repository/.test(message)) {
      const [, root = directory] = /repository at '(.*)'|repository \('(.*)' is/.exec(message)?.filter(Boolean) ?? [];
      return fail({ reason: 'repository-untrusted', repository: root });
    }
    if (/not a git repository/i.test(message)) return fail({ reason: 'no-repository', directory, bare: false });
    const [root = directory] = message.split('\n').filter((line) => line.startsWith('/'));
    if (/ambiguous argument 'HEAD'/.test(message)) return fail({ reason: 'no-commit', repository: root });
    if (/must be run in a work tree/.test(message)) return fail({ reason: 'no-repository', directory, bare: true });
    // An old git fails like this for an option that it does not know.
    await requireGit(git);
    throw error;
  }
}

/** Files in a git directory that mean an unfinished operation, which a commit would break. */
const operations: readonly (readonly [path: string, operation: string])[] = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
];

/** Throws `repository-busy` during a merge, a rebase and similar operations. */
export function refuseBusy({ gitDirectory, root }: Repository): void {
  const operation = operations.find(([path]) => existsSync(join(gitDirectory, path)))?.[1];
  if (operation !== undefined) fail({ reason: 'repository-busy', repository: root, operation });
}

/** Seconds to wait for another git. */
const lockPatience = 5;

/** Waits while another git writes the index. Throws `index-locked` if that takes too long. */
export async function waitForIndex({ gitDirectory }: Repository): Promise<void> {
  const path = join(gitDirectory, 'index.lock');
  for (const end = Date.now() + lockPatience * 1000; existsSync(path); await sleep(100)) {
    if (Date.now() <= end) continue;
    const since = ifPresent(() => statSync(path).mtime);
    if (since) fail({ reason: 'index-locked', path, since });
  }
}

/** Returns a repository's settings about remotes and about the branches that follow them, by key. */
export async function readRemotes({ git }: Repository): Promise<ReadonlyMap<string, string>> {
  // Includes an entry that every repository has, because git fails if nothing matches.
  const wanted = '^(core\\.repositoryformatversion|remote\\..*\\.url|branch\\..*\\.remote)$';
  const entries = (await git('config', '-z', '--get-regexp', wanted)).split('\0');
  return new Map(
    entries.map((entry): [string, string] => {
      const [key = '', value = ''] = entry.split(/\n(.*)/s);
      return [key, value];
    }),
  );
}

/**
 * Returns the URL of the remote that a branch follows, or of `origin`, without user names and passwords; null
 * if missing.
 */
export function remoteUrl(remotes: ReadonlyMap<string, string>, branch: string | null): string | null {
  const remote = remotes.get(`branch.${branch}.remote`) ?? 'origin';
  const url = remotes.get(`remote.${remote}.url`);
  return url === undefined ? null : withoutCredentials(url);
}

/**
 * Turns `https://name:secret@host/path` into `https://host/path`. The user of an ssh address is no secret,
 * and stays.
 */
function withoutCredentials(url: string): string {
  return url.replace(/^(\w[\w+.-]*:\/\/)([^/@]*@)+/, (_, scheme: string, name: string) =>
    /^ssh/.test(scheme) ? `${scheme}${name.replace(/:.*@/, '@')}` : scheme,
  );
}
