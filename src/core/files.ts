import { fstatSync, mkdirSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode, ifPresent } from './errno.js';

/**
 * Makes a directory and its missing parents. Unlike Node's recursive `mkdirSync` it fails for a directory
 * that can't be made (in /proc), instead of trying for ever. Throws the system's error.
 */
export function makeDirectories(path: string): void {
  if (ifPresent(() => statSync(path))?.isDirectory()) return;
  if (dirname(path) !== path) makeDirectories(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (errnoCode(error) !== 'EEXIST') throw error;
  }
}

/** Returns whether an open file of lines ends inside a line: its writer was killed, or the disk was full. */
export function endsInsideLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}
