import { fail } from '../../failures/index.js';

/**
 * Returns the only positional of a command about one run. Throws `missing-argument` or `unexpected-argument`.
 */
export function oneRunWord([id, extra]: readonly string[], command: string): string {
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command });
  return extra === undefined ? id : fail({ reason: 'unexpected-argument', argument: extra, command });
}
