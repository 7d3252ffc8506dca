import { join } from 'node:path';
import { type MetricLog, readMetricLogs } from './read-logs.js';
import { type MetricSummary, summarize } from './summary.js';

/** What was wrong with a metrics file; the rest of it is used. */
export interface MetricFileProblem {
  /** Relative to the run's directory. */
  readonly file: string;
  /** Numbers of lines, from 1, that are no JSON objects. */
  readonly lines: readonly number[];
  /** Whether it ends in a part of a line. */
  readonly torn: boolean;
}

/** All metrics of a run. */
export interface RunSummaries {
  /** By `<log name>.<key>`. */
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly problems: readonly MetricFileProblem[];
}

/**
 * Summaries of all metrics of the run in a directory, on the way to its last attempt. `last` is the number of
 * that attempt, if the caller knows it.
 */
export const summarizeRun = (directory: string, last?: number): RunSummaries =>
  summarizeLogs(readMetricLogs(directory, 'path', last));

/** Summaries of all metrics of some logs. */
export function summarizeLogs(logs: ReadonlyMap<string, MetricLog>): RunSummaries {
  const metrics = new Map<string, MetricSummary>();
  const problems: MetricFileProblem[] = [];
  for (const [log, { lines, broken, torn, earlier }] of logs) {
    for (const [key, summary] of summarize(lines)) {
      metrics.set(`${log}.${key}`, earlier === undefined ? summary : { ...summary, earlier });
    }
    if (broken.length > 0 || torn) problems.push({ file: join('metrics', `${log}.json`), lines: broken, torn });
  }
  return { metrics, problems };
}
