import { join } from 'node:path';
import { fail } from '../failures/index.js';
import { pathInside } from './code-directories.js';
import type { CodeVersion } from './code-version.js';
import { commitAll } from './commit.js';
import { type Copy, ensureCopy } from './copy.js';
import { dataInside, linkData } from './links.js';
import type { CodeToFix } from './look-at-code.js';
import { patchOf } from './patch.js';
import { type Repository, remoteUrl } from './repository.js';
import { keepCommit, takeSnapshot } from './snapshot.js';
import { markUse } from './uses.js';
import { inspectWorkTree, type WorkTree } from './work-tree.js';

/**
 * The answers to the version manager's questions: what to do with uncommitted and untracked files, where runs
 * start.
 */
export interface CodeChoices {
  readonly untracked: 'add' | 'ignore';
  readonly uncommitted: 'commit' | 'snapshot' | 'ignore';
  readonly runFrom: 'copy' | 'here';
}

/** The directories of a launch whose code has a fixed version. */
interface CodeDirectories {
  /** The store and the directory of copies. mlx writes to them, and they are never part of the code. */
  readonly own: readonly string[];
  readonly store: string;
  /** The directory of copies. */
  readonly parent: string;
  readonly readOnly: boolean;
  /** Paths of data in the work tree that git ignores, to link into the copy. */
  readonly links: readonly string[];
  /** Paths that the version must contain: the program, and the config. */
  readonly needed: readonly string[];
}

/** A step that takes long, or that can't be undone. */
export type CodeStep =
  /** With git's words. */
  { readonly type: 'committed'; readonly words: string } | { readonly type: 'copying'; readonly commit: string };

export interface FixedCode {
  readonly version: CodeVersion;
  /** The directory that a run starts in. */
  readonly cwd: string;
  readonly copy: Copy | undefined;
  /** The changes in the work tree that are not in the commit. */
  readonly patch: Uint8Array | undefined;
}

/**
 * Fixes the version of the code. Makes the chosen commit or snapshot, protects it from git's clean-up, and
 * returns the version with a copy to run from. Throws what `commitAll`, `takeSnapshot` and `ensureCopy`
 * throw, `not-in-commit` if a needed path is not in the commit, and `bad-link` for data that can't be linked.
 */
export async function fixCode(
  { repository, tree, known, remotes }: CodeToFix,
  choices: CodeChoices,
  directories: CodeDirectories,
  onStep: (step: CodeStep) => void,
): Promise<FixedCode> {
  const { store, own } = directories;
  // Checked first, because a commit would be useless if this fails.
  const links = choices.runFrom === 'copy' ? directories.links.map((path) => dataInside(repository, path)) : [];
  if (choices.runFrom === 'copy') await requireInVersion(repository, tree, choices, directories.needed);
  const add = choices.untracked === 'add' && tree.untracked.length > 0;
  const isNew = choices.uncommitted !== 'ignore' && (add || tree.changed.length > 0);
  const scope = { own, untracked: add };
  if (isNew && choices.uncommitted === 'commit') {
    const words = await commitAll(repository, tree, scope);
    if (words !== undefined) onStep({ type: 'committed', words });
  }
  const snapshot = isNew && choices.uncommitted === 'snapshot';
  const now = isNew && !snapshot ? await inspectWorkTree(repository, own) : tree;
  const commit = snapshot ? await takeSnapshot(repository, tree, scope) : now.commit;
  markUse(repository.commonDirectory, store);
  const left = {
    commit,
    own,
    changed: !snapshot && now.changed.length + now.modifiedSubmodules.length > 0,
    untracked: now.untracked.length > 0 && !(snapshot && add),
  };
  const dirty = left.changed || left.untracked;
  const onCopying = () => onStep({ type: 'copying', commit });
  const isCopied = choices.runFrom === 'copy';
  const [patch, copy] = await Promise.all([
    dirty ? patchOf(repository, left) : undefined,
    isCopied ? ensureCopy({ ...directories, repository, commit }, onCopying, known) : undefined,
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
    read_only: copy !== undefined && directories.readOnly,
    links,
  };
  if (copy) linkData(version);
  return { version, cwd: join(copy?.path ?? repository.root, repository.prefix), copy, patch };
}

/** Throws `not-in-commit` for a needed path in the work tree that the version will not contain. */
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
