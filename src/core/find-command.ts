import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/**
 * Returns the file that a shell in `cwd` would start for this word, or undefined if it would find none. A
 * word with a slash is a path; any other word is searched for in the directories of `path` (the value of
 * PATH).
 */
export function findCommand(word: string, cwd: string, path: string): string | undefined {
  const candidates = word.includes('/')
    ? [resolve(cwd, word)]
    : path
        .split(delimiter)
        .map((directory) => (isAbsolute(directory) ? join(directory, word) : resolve(cwd, directory, word)));
  return candidates.find(isExecutable);
}

/** Returns whether this user may execute a file. False for a directory and for a missing file. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
