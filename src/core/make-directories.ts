import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode, ifPresent } from './errno.js';

/** Makes a directory and those above it, as far as they are missing. Unlike Node's own it ends where one can't be made (in /proc). */
export function makeDirectories(path: string): void {
  if (ifPresent(() => statSync(path))?.isDirectory()) return;
  if (dirname(path) !== path) makeDirectories(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (errnoCode(error) !== 'EEXIST') throw error;
  }
}
