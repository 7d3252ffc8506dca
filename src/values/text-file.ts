import { readFileSync } from 'node:fs';
import { errnoCode } from '../core/errno.js';
import { fail } from '../failures/index.js';

/** The text of a file, without a byte order mark; 0 is standard input. Throws `unreadable-file` under the name that a person knows. */
export function readTextFile(path: string | 0, name: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return fail({ reason: 'unreadable-file', path: name, code: errnoCode(error) ?? String(error) });
  }
}
