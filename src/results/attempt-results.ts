import { lastAttemptNumber } from '../store/index.js';
import { readLogsByAttempt, readMetricLogs } from './metrics/read-logs.js';
import { type RunResult, summarizeLogs } from './run-result.js';

/** Which attempts metrics are of: those on the way to the last one, the last one alone, or each of them as a result of its own. */
export const attemptModes = ['path', 'last', 'all'] as const;
export type AttemptMode = (typeof attemptModes)[number];

/** A result by another choice of attempts than the usual one. With `all` a result has the number of its attempt as the column `attempt`. */
export function resultsOfAttempts(result: RunResult, mode: AttemptMode): RunResult[] {
  if (mode === 'path') return [result];
  const { directory, columns } = result;
  if (mode === 'last') {
    // A single attempt is on the way to itself.
    if (lastAttemptNumber(directory) === 1) return [result];
    return [{ ...result, ...summarizeLogs(readMetricLogs(directory, mode)), attempts: mode }];
  }
  return [...readLogsByAttempt(directory)].map(([attempt, logs]) => ({
    ...result,
    ...summarizeLogs(logs),
    columns: new Map([...columns, ['attempt', attempt]]),
    attempts: attempt,
  }));
}
