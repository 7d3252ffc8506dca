import { parseExpression } from '../../expression/index.js';
import { type AttemptMode, type KnownRuns, resolveExpression, resultsOfAttempts } from '../../results/index.js';
import type { Io } from '../grammar/command.js';
import { attemptModeOf } from '../options/metrics.js';
import { noteNoMatch, noteTwoMeanings, warnOfBrokenMetrics, warnOfUnreadable } from './result-notes.js';
import { type NamedRuns, namedRuns } from './selection.js';

/**
 * Returns the results of the runs that words, options and the expression `text` select. Warns about files
 * that can't be read, and says if no run matched. Throws what `namedRuns`, `parseExpression` and
 * `resolveExpression` throw.
 */
export async function resultsOf(
  named: NamedRuns & { readonly options: { readonly attempts: AttemptMode | undefined } },
  io: Io,
  text?: string,
): Promise<KnownRuns> {
  const expression = text === undefined ? undefined : parseExpression(text);
  const selection = await namedRuns(named, io);
  const mode = attemptModeOf(named.options.attempts, selection.settings);
  const usual = selection.known();
  const known = { ...usual, results: usual.results.flatMap((result) => resultsOfAttempts(result, mode)) };
  warnOfBrokenMetrics(known.results, io);
  warnOfUnreadable(known.results, io);
  if (!expression) {
    if (known.results.length === 0) noteNoMatch([], undefined, io);
    return known;
  }
  const { columns, keep } = resolveExpression(known, expression);
  noteTwoMeanings(columns, io);
  const results = known.results.filter(keep);
  if (results.length === 0) noteNoMatch(known.results, expression, io);
  return { ...known, results };
}
