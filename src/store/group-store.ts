import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode, ifPresent } from '../core/errno.js';
import { makeDirectories } from '../core/files.js';
import { fail } from '../failures/index.js';
import { storePaths } from './paths.js';

// A store that a group writes: its directories have the group's bit of chmod(1), so that what is made in them
// belongs to the group, and may be written by it.

const setGroup = 0o2000;
const groupMayWrite = 0o070;

/** Returns whether a store is one that a group writes. */
export function isGroupStore(store: string): boolean {
  const mode = ifPresent(() => statSync(store))?.mode ?? 0;
  return (mode & setGroup) !== 0 && (mode & 0o020) !== 0;
}

/**
 * Makes the store's directories if they are missing; with `groupWritable` for a group. What this process
 * makes from now on in a store of a group may be written by that. Throws `store-unusable`.
 */
export function openStore(store: string, { groupWritable }: { readonly groupWritable: boolean }): void {
  try {
    makeDirectories(join(storePaths.internal(store), 'launches'));
    if (groupWritable) shareWithGroup(store);
  } catch (error) {
    fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
  writeForGroup(store);
}

/** Makes a store one that its group writes. Throws the system's error. */
function shareWithGroup(store: string): void {
  if (isGroupStore(store)) return;
  for (const path of [join(storePaths.internal(store), 'launches'), storePaths.internal(store), store])
    chmodSync(path, statSync(path).mode | setGroup | groupMayWrite);
}

/** In a store that a group writes, whatever this process makes from now on may be written by the group. */
export function writeForGroup(store: string): void {
  if (isGroupStore(store)) process.umask(process.umask() & ~groupMayWrite);
}

/** The permissions of a file that holds values of variables: for this user, or for the group of the store. */
export const secretMode = (store: string, mode: 0o600 | 0o700): number =>
  isGroupStore(store) ? mode | (mode >> 3) : mode;
