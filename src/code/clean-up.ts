import { chmodSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sumBy from 'lodash/sumBy.js';
import { nanoid } from 'nanoid';
import { ifPresent } from '../core/errno.js';
import { parseFlatRecord } from '../core/flat-record.js';
import { isAlive, readProcessIdentity } from '../core/process.js';
import { gitIn } from './git.js';
import type { Repository } from './repository.js';
import { keptRef } from './snapshot.js';
import { type StoreUse, usesOf } from './uses.js';
import { statusRecords } from './work-tree.js';
import { setWritable } from './writable.js';

/** A copy of a commit that exists. */
export interface FoundCopy {
  readonly path: string;
  readonly commit: string;
  /** The stores whose runs use it, or used it. */
  readonly uses: readonly StoreUse[];
}

const copyName = /^([0-9a-f]{40}|[0-9a-f]{64})(-read-only)?(-\d+)?$/;

/** Returns the copies in the directory of copies. */
export function findCopies(parent: string): FoundCopy[] {
  return (ifPresent(() => readdirSync(parent)) ?? []).flatMap((name) => {
    const commit = copyName.exec(name)?.[1];
    const path = join(parent, name);
    return commit === undefined ? [] : { path, commit, uses: usesOf(join(path, '.git')) };
  });
}

/** Returns the unfinished copies that dead launchers and dead clean-ups left. */
export function findUnfinishedCopies(parent: string): string[] {
  return (ifPresent(() => readdirSync(parent)) ?? [])
    .filter((name) => /^\.[0-9a-f]{40,64}.*\.(making|removing)/.test(name))
    .map((name) => join(parent, name))
    .filter((path) => {
      const text = ifPresent(() => readFileSync(join(path, 'owner'), 'utf8'));
      const fields = text === undefined ? undefined : parseFlatRecord(text);
      return fields === undefined || isAlive(readProcessIdentity(fields)) === false;
    });
}

/** Files that programs write next to their sources, and that nobody needs. */
const byproducts = /(^|\/)(__pycache__|\.ipynb_checkpoints|\.pytest_cache)\/|\.py[co]$/;

/** Returns the files in a copy that are not in its commit: what runs have written there. */
export async function writtenFiles(copy: string): Promise<string[]> {
  const words = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=traditional'];
  const output = await gitIn(copy)('status', ...words);
  return (
    statusRecords(output)
      .map(({ path }) => path)
      .filter((path) => !byproducts.test(path))
      // Linked data is not in the copy.
      .filter((path) => !ifPresent(() => lstatSync(join(copy, path.replace(/\/$/, ''))))?.isSymbolicLink())
  );
}

/** Returns the bytes of all files in a directory. */
export function sizeOf(path: string): number {
  const stat = ifPresent(() => lstatSync(path));
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return sumBy(readdirSync(path), (name) => sizeOf(join(path, name)));
}

/** Removes a copy, unless a launch has begun to use it meanwhile. Returns whether it was removed. */
export function removeCopy({ path, uses }: FoundCopy): boolean {
  const aside = join(dirname(path), `.${path.slice(dirname(path).length + 1)}.removing.${nanoid()}`);
  // Renaming a directory needs write permission for it.
  chmodSync(path, lstatSync(path).mode | 0o200);
  renameSync(path, aside);
  // A launch that marks its use from now on finds no copy and makes one. An earlier mark is seen here.
  const last = (all: readonly StoreUse[]) => Math.max(0, ...all.map((use) => use.last.getTime()));
  if (last(usesOf(join(aside, '.git'))) > last(uses)) {
    try {
      renameSync(aside, path);
      return false;
    } catch {
      // Another launch has made the copy again.
    }
  }
  removeDirectory(aside);
  return true;
}

/** Removes a directory, even if its files are read-only. Throws the system's error. */
export function removeDirectory(path: string): void {
  setWritable(path, true);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Returns the commits of launches that mlx protects from git's clean-up. */
export async function keptCommits({ git }: Repository): Promise<string[]> {
  const output = await git('for-each-ref', '--format=%(objectname)', keptRef(''));
  return output.split('\n').filter((commit) => commit !== '');
}

/** Stops protecting a commit: git's clean-up removes it unless it is on a branch. */
export async function releaseCommit({ git }: Repository, commit: string): Promise<void> {
  await git('update-ref', '-d', keptRef(commit));
}
