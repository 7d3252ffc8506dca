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

/** A copy of a commit as it is found. */
export interface FoundCopy {
  readonly path: string;
  readonly commit: string;
  /** The stores whose runs use it, or did. */
  readonly uses: readonly StoreUse[];
}

const copyName = /^([0-9a-f]{40}|[0-9a-f]{64})(-read-only)?(-\d+)?$/;

/** The copies in their directory. */
export function findCopies(parent: string): FoundCopy[] {
  return (ifPresent(() => readdirSync(parent)) ?? []).flatMap((name) => {
    const commit = copyName.exec(name)?.[1];
    const path = join(parent, name);
    return commit === undefined ? [] : { path, commit, uses: usesOf(join(path, '.git')) };
  });
}

/** What launchers that died while they made a copy have left, or clean-ups that died. */
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

/** What programs leave beside their sources, and nobody misses. */
const byproducts = /(^|\/)(__pycache__|\.ipynb_checkpoints|\.pytest_cache)\/|\.py[co]$/;

/** Files in a copy that are no part of its commit: what runs have written there. */
export async function writtenFiles(copy: string): Promise<string[]> {
  const words = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=traditional'];
  const output = await gitIn(copy)('status', ...words);
  return (
    statusRecords(output)
      .map(({ path }) => path)
      .filter((path) => !byproducts.test(path))
      // Data that was linked in is not in the copy.
      .filter((path) => !ifPresent(() => lstatSync(join(copy, path.replace(/\/$/, ''))))?.isSymbolicLink())
  );
}

/** Bytes of all files in a directory. */
export function sizeOf(path: string): number {
  const stat = ifPresent(() => lstatSync(path));
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return sumBy(readdirSync(path), (name) => sizeOf(join(path, name)));
}

/** Removes a copy, unless a launch has come to use it meanwhile; whether it is gone. */
export function removeCopy({ path, uses }: FoundCopy): boolean {
  const aside = join(dirname(path), `.${path.slice(dirname(path).length + 1)}.removing.${nanoid()}`);
  // A directory is renamed by who may write to it.
  chmodSync(path, lstatSync(path).mode | 0o200);
  renameSync(path, aside);
  // Who notes a use now finds no copy and makes one; who did so before is seen here.
  const last = (all: readonly StoreUse[]) => Math.max(0, ...all.map((use) => use.last.getTime()));
  if (last(usesOf(join(aside, '.git'))) > last(uses)) {
    try {
      renameSync(aside, path);
      return false;
    } catch {
      // It has been made again.
    }
  }
  removeDirectory(aside);
  return true;
}

export function removeDirectory(path: string): void {
  setWritable(path, true);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** The commits that are kept from git's clean-up, since launches ran them. */
export async function keptCommits({ git }: Repository): Promise<string[]> {
  const output = await git('for-each-ref', '--format=%(objectname)', keptRef(''));
  return output.split('\n').filter((commit) => commit !== '');
}

/** Leaves a commit to git's clean-up, unless it is on a branch. */
export async function releaseCommit({ git }: Repository, commit: string): Promise<void> {
  await git('update-ref', '-d', keptRef(commit));
}
