import { readFileSync } from 'node:fs';
import { errnoCode } from '../core/errno.js';
import { fail } from '../failures/index.js';

/**
 * Returns the text of a file without a byte order mark. Path 0 is standard input. Throws `unreadable-file`
 * with `name`, the file's name in messages.
 */
export function readTextFile(path: string | 0, name: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return fail({ reason: 'unreadable-file', path: name, code: errnoCode(error) ?? String(error) });
  }
}
