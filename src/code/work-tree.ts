import { fail } from '../failures/index.js';
import { pathInside } from './code-directories.js';
import type { Repository } from './repository.js';

/** A work tree's differences from its last commit, without the store and the copies. */
export interface WorkTree {
  readonly commit: string;
  /** Null if HEAD is detached. */
  readonly branch: string | null;
  /**
   * Files that git neither tracks nor ignores, directories that contain only such files (`data/`), and
   * submodules that contain such files.
   */
  readonly untracked: readonly string[];
  /** Tracked files that differ from the commit. */
  readonly changed: readonly string[];
  /** Submodules with changes that are in none of their commits. A commit here would leave these out. */
  readonly modifiedSubmodules: readonly string[];
}

/** Returns those of these paths that are in a work tree, relative to its top. */
export function pathsInside(root: string, own: readonly string[]): string[] {
  return own.map((path) => pathInside(root, path)).filter((path): path is string => path !== undefined && path !== '');
}

/** Returns pathspecs for the whole work tree except these paths, relative to its top: gitglossary(7). */
export function allBut(inside: readonly string[]): string[] {
  return ['.', ...inside.map((path) => `:(exclude,top,literal)${path}`)];
}

/** Reads `git status --porcelain=v1 -z --no-renames`: two letters and a path for each record. */
export function statusRecords(output: string): { readonly state: string; readonly path: string }[] {
  return output.split('\0').flatMap((record) => {
    return record === '' ? [] : { state: record.slice(0, 2), path: record.slice(3) };
  });
}

/**
 * Inspects a work tree, without writing anything. `own` are the directories that mlx writes to. Throws
 * `repository-busy` for unmerged files.
 */
export async function inspectWorkTree({ git, root }: Repository, own: readonly string[]): Promise<WorkTree> {
  const output = await git(
    ...['status', '--porcelain=v2', '-z', '--branch', '--no-renames', '--untracked-files=normal'],
    ...['--ignore-submodules=none', '--', ...allBut(pathsInside(root, own))],
  );
  const records = output.split('\0');
  const head = (name: string) =>
    records.find((record) => record.startsWith(`# branch.${name} `))?.slice(10 + name.length);
  const [commit = '', branch = ''] = [head('oid'), head('head')];
  if (records.some((record) => record.startsWith('u ')))
    return fail({ reason: 'repository-busy', repository: root, operation: 'merge' });
  // `1 XY SUB MODES… HASHES… PATH`, see git-status(1).
  const ordinary = records.flatMap((record) => {
    const [, submodule = '', path = ''] = /^1 .. (\S{4}) (?:\S+ ){5}(.*)$/s.exec(record) ?? [];
    return path === '' ? [] : { submodule, path };
  });
  const isModified = (submodule: string) => /^S.(M.|.U)$/.test(submodule);
  return {
    commit,
    branch: branch === '(detached)' ? null : branch,
    untracked: [
      ...records.filter((record) => record.startsWith('? ')).map((record) => record.slice(2)),
      ...ordinary.filter(({ submodule }) => /^S..U$/.test(submodule)).map(({ path }) => `${path}/`),
    ],
    changed: ordinary.filter(({ submodule }) => submodule !== 'S..U').map(({ path }) => path),
    modifiedSubmodules: ordinary.filter(({ submodule }) => isModified(submodule)).map(({ path }) => path),
  };
}
