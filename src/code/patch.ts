import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { diffBytes } from './git.js';
import type { Repository } from './repository.js';
import { allBut, pathsInside } from './work-tree.js';

/** The changes of a work tree that a commit does not contain. */
interface LeftOutChanges {
  readonly commit: string;
  /** True if tracked files differ from the commit. */
  readonly changed: boolean;
  /** True if there are untracked files. */
  readonly untracked: boolean;
  /** The directories that mlx writes to, which are left out. */
  readonly own: readonly string[];
}

/**
 * Returns the changes as a patch for `git apply`. Before it, as text that git ignores, stand the names of
 * untracked files with their sizes in bytes.
 */
export async function patchOf(
  { git, root }: Repository,
  { commit, changed, untracked, own }: LeftOutChanges,
): Promise<Uint8Array> {
  const paths = allBut(pathsInside(root, own));
  const listing = untracked ? await git('ls-files', '--others', '--exclude-standard', '-z', '--', ...paths) : '';
  const names = listing
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => `# untracked: ${path.replace(/\n/g, '\\n')} (${sizeOf(join(root, path))} bytes)\n`);
  const head = Buffer.from(`# what commit ${commit} does not hold; git apply takes it\n${names.join('')}`);
  if (!changed) return head;
  const words = ['--binary', '--no-renames', '--submodule=diff', '--ignore-submodules=untracked'];
  return Buffer.concat([head, await diffBytes(git, ...words, commit, '--', ...paths)]);
}

const sizeOf = (path: string) => ifPresent(() => lstatSync(path).size) ?? 0;
