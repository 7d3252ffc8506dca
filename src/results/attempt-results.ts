import { lastAttemptNumber, readLostMetrics } from '../store/index.js';
import { readLogsByAttempt, readMetricLogs } from './metrics/read-logs.js';
import { summarizeLogs } from './metrics/run-summaries.js';
import type { RunResult } from './run-result.js';

/**
 * Which attempts the metrics of a result are of: those on the way to the last one (`path`), the last one
 * alone (`last`), or one result per attempt (`all`).
 */
export const attemptModes = ['path', 'last', 'all'] as const;
export type AttemptMode = (typeof attemptModes)[number];

/**
 * The results of a run by a choice of attempts: one, or with `all` one per attempt, whose column `attempt` is
 * the number of that attempt. Reads metrics files, except with `path`.
 */
export function resultsOfAttempts(result: RunResult, mode: AttemptMode): RunResult[] {
  if (mode === 'path') return [result];
  const { directory, columns } = result;
  const lost = readLostMetrics(directory);
  const lostIn = (attempt: number) => lost.filter((one) => one.attempt === attempt);
  if (mode === 'last') {
    // A single attempt is on the way to itself.
    const last = lastAttemptNumber(directory);
    if (last === 1) return [result];
    return [{ ...result, ...summarizeLogs(readMetricLogs(directory, mode), lostIn(last)), attempts: mode }];
  }
  return [...readLogsByAttempt(directory)].map(([attempt, logs]) => ({
    ...result,
    ...summarizeLogs(logs, lostIn(attempt)),
    columns: new Map([...columns, ['attempt', attempt]]),
    attempts: attempt,
  }));
}
