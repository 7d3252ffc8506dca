import { fail } from '../failures/index.js';
import { pathInside } from './code-directories.js';
import type { Repository } from './repository.js';

/** What in a work tree its last commit does not hold; the store and the copies left out. */
export interface WorkTree {
  readonly commit: string;
  /** Null where HEAD is detached. */
  readonly branch: string | null;
  /**
   * Files, and directories of nothing but such files (`data/`), that git neither tracks nor ignores; a submodule that holds such
   * files is among them.
   */
  readonly untracked: readonly string[];
  /** Tracked files that differ from the commit. */
  readonly changed: readonly string[];
  /** Submodules that hold something which no commit of theirs does; a commit here would leave it out. */
  readonly modifiedSubmodules: readonly string[];
}

/** Those of these places that are in a work tree, relative to its top. */
export function pathsInside(root: string, own: readonly string[]): string[] {
  return own.map((path) => pathInside(root, path)).filter((path): path is string => path !== undefined && path !== '');
}

/** Pathspecs of all in a work tree but these places, relative to its top; see gitglossary(7). */
export function allBut(inside: readonly string[]): string[] {
  return ['.', ...inside.map((path) => `:(exclude,top,literal)${path}`)];
}

/** The records of `git status --porcelain=v1 -z --no-renames`: two letters, and a path. */
export function statusRecords(output: string): { readonly state: string; readonly path: string }[] {
  return output.split('\0').flatMap((record) => {
    return record === '' ? [] : { state: record.slice(0, 2), path: record.slice(3) };
  });
}

/**
 * Looks at a work tree, writing nothing. `own` are the places that mlx writes to. Throws `repository-busy` for unmerged files.
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
