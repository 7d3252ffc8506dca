import { type Dirent, opendirSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { posix } from 'node:path';
import { errnoCode } from './errno.js';

/** An entry below a directory; `path` is relative to the directory. */
export interface WalkedEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

/**
 * Yields the entries below a directory, the nearest first, reading no more of it than is asked for. Links are
 * entries and never followed. `enters` says which directories to look into. A directory that is missing or
 * may not be read has no entries.
 */
export async function* walk(
  root: string,
  enters: (entry: WalkedEntry) => boolean = everything,
): AsyncGenerator<WalkedEntry> {
  const waiting = [''];
  for (const directory of waiting) {
    const opened = await opendir(posix.join(root, directory)).catch(refuseUnexpected);
    for await (const dirent of opened ?? []) {
      const entry = entryOf(directory, dirent);
      yield entry;
      if (entry.kind === 'directory' && enters(entry)) waiting.push(entry.path);
    }
  }
}

/** `walk` for the few places that can't wait. Ask only for as many entries as take no noticeable time. */
export function* walkSync(root: string): Generator<WalkedEntry> {
  const waiting = [''];
  for (const directory of waiting) {
    const opened = openNow(posix.join(root, directory));
    if (!opened) continue;
    try {
      for (let dirent = opened.readSync(); dirent !== null; dirent = opened.readSync()) {
        const entry = entryOf(directory, dirent);
        yield entry;
        if (entry.kind === 'directory') waiting.push(entry.path);
      }
    } finally {
      opened.closeSync();
    }
  }
}

const everything = () => true;

function openNow(directory: string) {
  try {
    return opendirSync(directory);
  } catch (error) {
    return refuseUnexpected(error);
  }
}

function refuseUnexpected(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG', 'ELOOP'].includes(errnoCode(error) ?? '')) throw error;
}

function entryOf(directory: string, dirent: Dirent): WalkedEntry {
  const path = posix.join(directory, dirent.name);
  if (dirent.isSymbolicLink()) return { path, kind: 'link' };
  return { path, kind: dirent.isDirectory() ? 'directory' : dirent.isFile() ? 'file' : 'other' };
}
