import { readdirSync } from 'node:fs';
import { relative } from 'node:path';

/** A path as a person in `cwd` would type it; far away places stay absolute. */
export function displayPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  if (short === '') return '.';
  return short.startsWith('../../') ? path : short;
}

/** The names in a directory, for suggestions; none where it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
