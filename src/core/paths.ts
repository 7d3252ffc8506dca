import { readdirSync } from 'node:fs';
import { relative } from 'node:path';

/** Returns a path as a person in `cwd` would type it. A path two or more levels up stays absolute. */
export function displayPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  if (short === '') return '.';
  return short.startsWith('../../') ? path : short;
}

/** Returns the names in a directory, for suggestions; [] if it can't be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
