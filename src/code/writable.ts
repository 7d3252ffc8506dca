import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';

/**
 * Removes the write permission of all files in a directory, or gives it back to their owner. Files in `.git`
 * are not changed.
 */
export function setWritable(directory: string, writable: boolean): void {
  const stat = ifPresent(() => lstatSync(directory));
  if (!stat || stat.isSymbolicLink()) return;
  const mode = writable ? stat.mode | 0o200 : stat.mode & ~0o222;
  if (!stat.isDirectory()) {
    if (mode !== stat.mode) chmodSync(directory, mode);
    return;
  }
  if (writable) chmodSync(directory, mode);
  for (const name of readdirSync(directory)) if (name !== '.git') setWritable(join(directory, name), writable);
  if (!writable) chmodSync(directory, mode);
}
