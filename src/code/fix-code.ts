import { join } from 'node:path';
import { fail } from '../failures/index.js';
import { pathInside } from './code-directories.js';
import { commitAll } from './commit.js';
import { type Copy, ensureCopy } from './copy.js';
import { dataInside, linkData } from './links.js';
import type { CodeToFix } from './look-at-code.js';
import { patchOf } from './patch.js';
import { type Repository, remoteUrl } from './repository.js';
import { keepCommit, takeSnapshot } from './snapshot.js';
import { markUse } from './uses.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/** What becomes of what the last commit does not hold, and where runs start: the answers to the version manager's questions. */
export interface CodeChoices {
  readonly untracked: 'add' | 'ignore';
  readonly uncommitted: 'commit' | 'snapshot' | 'ignore';
  readonly runFrom: 'copy' | 'here';
}

/** Where things of a launch with a fixed version of its code are. */
export interface CodeDirectories {
  /** The store and the directory of copies: what mlx writes to, never part of the code. */
  readonly own: readonly string[];
  readonly store: string;
  /** The directory of copies. */
  readonly parent: string;
  readonly readOnly: boolean;
  /** Paths of data in the work tree that git ignores, to be linked into the copy. */
  readonly links: readonly string[];
  /** What the runs start, and the config that they are made from. */
  readonly needed: readonly string[];
}

/** The version of the code that a launch runs, as it is recorded. */
export interface CodeVersion {
  /** The top of the work tree. */
  readonly repository: string;
  readonly commit: string;
  readonly branch: string | null;
  /** Without names and passwords. */
  readonly remote: string | null;
  /** Whether the commit is a snapshot, on no branch. */
  readonly snapshot: boolean;
  /** Whether the work tree held what the commit does not; that is kept as a patch. */
  readonly dirty: boolean;
  /** The top of the copy that runs start in; null where they start in the work tree. */
  readonly copy: string | null;
  readonly read_only: boolean;
  /** Linked into the copy, relative to the top of the work tree. */
  readonly links: readonly string[];
}

/** What takes its time, or is not taken back. */
export type CodeStep =
  /** With what git said. */
  { readonly type: 'committed'; readonly words: string } | { readonly type: 'copying'; readonly commit: string };

export interface FixedCode {
  readonly version: CodeVersion;
  /** The directory that a run starts in. */
  readonly cwd: string;
  readonly copy: Copy | undefined;
  /** What of the work tree is not in the commit. */
  readonly patch: Uint8Array | undefined;
}

/**
 * Fixes the version of the code: makes the commit or the snapshot that was chosen, keeps it from git's clean-up, and gives a copy of
 * it to run from. Throws what `commitAll`, `takeSnapshot`, `ensureCopy` throw; `not-in-commit` where the directory of the launch is
 * not part of the commit, `bad-link` for data that can't be linked in.
 */
export async function fixCode(
  { repository, tree, known, remotes }: CodeToFix,
  choices: CodeChoices,
  places: CodeDirectories,
  tell: (step: CodeStep) => void,
): Promise<FixedCode> {
  const { store, own } = places;
  // Before a commit is made that would be of no use.
  const links = choices.runFrom === 'copy' ? places.links.map((path) => dataInside(repository, path)) : [];
  if (choices.runFrom === 'copy') await requireInVersion(repository, tree, choices, places.needed);
  const add = choices.untracked === 'add' && tree.untracked.length > 0;
  const isNew = choices.uncommitted !== 'ignore' && (add || tree.changed.length > 0);
  const taken = { own, untracked: add };
  if (isNew && choices.uncommitted === 'commit') {
    const words = await commitAll(repository, tree, taken);
    if (words !== undefined) tell({ type: 'committed', words });
  }
  const snapshot = isNew && choices.uncommitted === 'snapshot';
  const now = isNew && !snapshot ? await inspectWorkTree(repository, own) : tree;
  const commit = snapshot ? await takeSnapshot(repository, tree, taken) : now.commit;
  markUse(repository.commonDirectory, store);
  const left = {
    commit,
    own,
    changed: !snapshot && now.changed.length + now.modifiedSubmodules.length > 0,
    untracked: now.untracked.length > 0 && !(snapshot && add),
  };
  const dirty = left.changed || left.untracked;
  const copying = () => tell({ type: 'copying', commit });
  const isCopied = choices.runFrom === 'copy';
  const [patch, copy] = await Promise.all([
    dirty ? patchOf(repository, left) : undefined,
    isCopied ? ensureCopy({ ...places, repository, commit }, copying, known) : undefined,
    snapshot ? undefined : keepCommit(repository, commit),
  ]);
  const version: CodeVersion = {
    repository: repository.root,
    commit,
    branch: tree.branch,
    remote: remoteUrl(remotes, tree.branch),
    snapshot,
    dirty,
    copy: copy?.path ?? null,
    read_only: copy !== undefined && places.readOnly,
    links,
  };
  if (copy) linkData(version);
  return { version, cwd: join(copy?.path ?? repository.root, repository.prefix), copy, patch };
}

/** Throws `not-in-commit` for a path of the work tree that the version of the code is not going to have. */
async function requireInVersion(
  { git, root, prefix }: Repository,
  { commit }: WorkTree,
  { uncommitted, untracked }: CodeChoices,
  needed: readonly string[],
): Promise<void> {
  const inside = needed.map((path) => pathInside(root, path));
  const paths = [prefix, ...inside].filter((path): path is string => path !== undefined && path !== '');
  if (paths.length === 0) return;
  const others = untracked === 'add' ? ['--others', '--exclude-standard'] : [];
  const listing =
    uncommitted === 'ignore'
      ? await git('ls-tree', '--name-only', '--full-name', '-z', commit, '--', ...paths)
      : await git('ls-files', '-z', '--cached', ...others, '--', ...paths.map((path) => `:(top,literal)${path}`));
  const present = listing.split('\0');
  const missing = paths.find((path) => !present.some((one) => one === path || one.startsWith(`${path}/`)));
  if (missing !== undefined) fail({ reason: 'not-in-commit', path: join(root, missing), commit });
}
