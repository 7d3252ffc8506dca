import { fail } from '../../failures/index.js';
import type { ParsedArgs } from '../grammar/command.js';

/** The one positional of a command about one run. Throws `missing-argument` or `unexpected-argument`. */
export function oneRunWord({ positionals }: ParsedArgs, command: string): string {
  const [id, extra] = positionals;
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command });
  return extra === undefined ? id : fail({ reason: 'unexpected-argument', argument: extra, command });
}
