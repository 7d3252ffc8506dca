import { join } from 'node:path';
import sumBy from 'lodash/sumBy.js';
import { type LostMetrics, readLostMetrics } from '../../store/index.js';
import { type MetricLog, readMetricLogs } from './read-logs.js';
import { type MetricSummary, summarize } from './summary.js';

const fileOf = (log: string) => join('metrics', `${log}.json`);

/** What was wrong with a metrics file; the rest of it is used. */
export interface MetricFileProblem {
  /** Relative to the run's directory. */
  readonly file: string;
  /** Numbers of lines, from 1, that are no JSON objects. */
  readonly lines: readonly number[];
  /** Whether it ends in a part of a line. */
  readonly torn: boolean;
  /** The number of lines that could not be written. */
  readonly lost: number;
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
  summarizeLogs(readMetricLogs(directory, 'path', last), readLostMetrics(directory));

/** Summaries of all metrics of some logs. `lost` are the lines that they lack. */
export function summarizeLogs(logs: ReadonlyMap<string, MetricLog>, lost: readonly LostMetrics[]): RunSummaries {
  const metrics = new Map<string, MetricSummary>();
  const problems: MetricFileProblem[] = [];
  for (const [log, { lines, broken, torn, earlier }] of logs) {
    for (const [key, summary] of summarize(lines)) {
      metrics.set(`${log}.${key}`, earlier === undefined ? summary : { ...summary, earlier });
    }
    const lacking = sumBy(
      lost.filter((one) => one.log === log),
      'lines',
    );
    if (broken.length > 0 || torn || lacking > 0) {
      problems.push({ file: fileOf(log), lines: broken, torn, lost: lacking });
    }
  }
  for (const { log, lines } of lost) {
    if (!logs.has(log)) problems.push({ file: fileOf(log), lines: [], torn: false, lost: lines });
  }
  return { metrics, problems };
}
