import { parseExpression } from '../../expression/index.js';
import { type AttemptMode, type KnownRuns, resolveExpression, resultsOfAttempts } from '../../results/index.js';
import type { Io } from '../grammar/command.js';
import { attemptModeOf } from '../options/metrics.js';
import { type NamedRuns, namedRuns } from './selection.js';
import { tellBrokenMetrics, tellNoMatch, tellTwoMeanings, tellUnreadable } from './tell-results.js';

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
  tellBrokenMetrics(known.results, io);
  tellUnreadable(known.results, io);
  if (!expression) {
    if (known.results.length === 0) tellNoMatch([], undefined, io);
    return known;
  }
  const { columns, keep } = resolveExpression(known, expression);
  tellTwoMeanings(columns, io);
  const results = known.results.filter(keep);
  if (results.length === 0) tellNoMatch(known.results, expression, io);
  return { ...known, results };
}
