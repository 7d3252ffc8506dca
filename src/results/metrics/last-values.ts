import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ifReadable } from '../../core/errno.js';
import { lastAttemptNumber, type MetricValue, parseMetricLine, runPaths } from '../../store/index.js';
import { namedAttempt } from './line-attempts.js';
import { type MetricLine, parseMetricText } from './parse-text.js';
import { metricLogNames, readMetricLogs } from './read-logs.js';
import { summarize } from './summary.js';

/** The last values of a run's metrics, by `<log name>.<key>`. */
export interface LastMetrics {
  readonly values: ReadonlyMap<string, MetricValue>;
  /** By metric: the attempt that logged it, if not the last one; see `MetricLog`. */
  readonly earlier: ReadonlyMap<string, number>;
}

const tailBytes = 16_384;

/**
 * The last value of every metric of a run, on the way to its last attempt. Keys that start with `_` are left
 * out. For a run with one attempt, only the ends of the metrics files are read.
 */
export function lastMetricsOf(run: string): LastMetrics {
  const last = lastAttemptNumber(run);
  const tails = last <= 1 ? lastFromTails(run) : undefined;
  if (tails) return { values: tails, earlier: new Map() };
  const values = new Map<string, MetricValue>();
  const earlier = new Map<string, number>();
  for (const [log, { lines, earlier: attempt }] of readMetricLogs(run, 'path', last)) {
    for (const [key, summary] of summarize(lines)) {
      if (key.startsWith('_')) continue;
      values.set(`${log}.${key}`, summary.last);
      if (attempt !== undefined) earlier.set(`${log}.${key}`, attempt);
    }
  }
  return { values, earlier };
}

/** The values of `lastMetricsOf`, by `<log name>.<key>`. */
export const readLastMetrics = (run: string): ReadonlyMap<string, MetricValue> => lastMetricsOf(run).values;

/**
 * Last values from the ends of files; undefined if an end does not show that the file is lines of the first
 * attempt.
 */
function lastFromTails(run: string): Map<string, MetricValue> | undefined {
  const last = new Map<string, MetricValue>();
  for (const log of metricLogNames(run)) {
    const end = ifReadable(() => readEnd(join(runPaths.metrics(run), `${log}.json`)));
    const lines = end && (end.isWhole ? parseMetricText(end.text).lines : linesOfPart(end.text));
    if (!lines || lines.some((line) => (namedAttempt(line) ?? 1) > 1)) return undefined;
    for (const line of [...lines].reverse()) {
      for (const [key, value] of Object.entries(line)) {
        const column = `${log}.${key}`;
        if (!key.startsWith('_') && !last.has(column)) last.set(column, value);
      }
    }
  }
  return last;
}

/**
 * The lines in the end of a longer file. Its first and last line may be parts of one. Undefined if another
 * line is broken, or there are too few.
 */
function linesOfPart(text: string): MetricLine[] | undefined {
  const inside = text.slice(text.indexOf('\n') + 1, text.lastIndexOf('\n') + 1);
  const { lines, broken, torn } = parseMetricText(inside);
  const rest = parseMetricLine(text.slice(text.lastIndexOf('\n') + 1));
  return lines.length > 1 && broken.length === 0 && !torn ? [...lines, ...(rest ? [rest] : [])] : undefined;
}

/** The last bytes of a file, and whether they are the whole file. */
function readEnd(path: string): { readonly text: string; readonly isWhole: boolean } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, tailBytes);
    const buffer = Buffer.alloc(length);
    const read = readSync(file, buffer, 0, length, size - length);
    return { text: buffer.toString('utf8', 0, read), isWhole: length === size };
  } finally {
    closeSync(file);
  }
}
