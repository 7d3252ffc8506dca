import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ParsedArgs } from '../../arguments/index.js';
import { ifPresent } from '../../core/errno.js';
import { fail } from '../../failures/index.js';

/**
 * Splits positionals into PROGRAM and overrides. PROGRAM is the first word, unless that is an override and
 * the command stands after `--`. A file whose name contains `=` can be the program. Throws
 * `steps-and-program` or `no-program`.
 */
export function splitPositionals(
  { positionals, rest }: Pick<ParsedArgs, 'positionals' | 'rest'>,
  cwd: string,
  hasSteps: boolean,
): { program: string | undefined; overrideWords: string[] } {
  const [first, ...others] = positionals;
  if (hasSteps) {
    const program = rest?.[0] ?? positionals.find((word) => !looksLikeOverride(word));
    if (program !== undefined) fail({ reason: 'steps-and-program', program });
    return { program: undefined, overrideWords: [...positionals] };
  }
  if (first === undefined || (rest && looksLikeOverride(first))) {
    return { program: undefined, overrideWords: [...positionals] };
  }
  const isFile = () => ifPresent(() => statSync(resolve(cwd, first)))?.isFile();
  if (looksLikeOverride(first) && !isFile()) return fail({ reason: 'no-program' });
  return { program: first, overrideWords: others };
}

function looksLikeOverride(word: string): boolean {
  return /^[+~]|=/.test(word);
}
