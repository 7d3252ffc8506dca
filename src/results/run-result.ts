import { join } from 'node:path';
import maxBy from 'lodash/maxBy.js';
import type { ExpressionValue } from '../expression/index.js';
import type { MetricValue } from '../store/index.js';
import type { RunBrief } from './briefs.js';
import {
  type AttemptChoice,
  type MetricLog,
  metricLogNames,
  readMetricLog,
  readMetricLogs,
  seriesOf,
} from './metrics/read-logs.js';
import { type MetricSummary, reduced, type SummaryReducer, summarize, summaryReducers } from './metrics/summary.js';
import { quantile } from './statistics.js';

/** What was wrong with the files of a run, beside which the rest was used. */
export interface RowProblem {
  readonly file: string;
  /** Numbers of lines that are no JSON objects; none where the file as a whole could not be read. */
  readonly lines: readonly number[];
  readonly torn: boolean;
}

/** What a run has come to: config, info, what its metrics were, which artifacts it has. */
export interface RunResult {
  readonly id: number;
  readonly directory: string;
  readonly status: RunBrief['status'];
  /** `config.optimizer.lr`, `info.hostname`; `override.lr`, as it was typed; facts by their names, such as `launch`. */
  readonly columns: ReadonlyMap<string, ExpressionValue>;
  /** By `<log name>.<key>`. */
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly problems: readonly RowProblem[];
  /** Whether its config or info could not be read; what could be is among its columns. */
  readonly unreadable: boolean;
  /** Which lines its metrics are of; undefined for those on the way to its last attempt. */
  readonly attempts?: AttemptChoice | undefined;
}

/** A column as people name it: `train.loss@min` has the name `train.loss` and the reducer `min`. */
export interface ColumnName {
  readonly name: string;
  readonly reducer: string | undefined;
}

export function parseColumnName(text: string): ColumnName {
  const at = text.lastIndexOf('@');
  return at <= 0 ? { name: text, reducer: undefined } : { name: text.slice(0, at), reducer: text.slice(at + 1) };
}

const isSummaryReducer = (word: string): word is SummaryReducer => summaryReducers.some((known) => known === word);

/** Reducers that read the values themselves, beside those that the summary has. */
export const valueReducers = ['median', 'argmin', 'argmax', 'values'] as const;

/** All words behind `@`, but for quantiles and `KEY=VALUE`. */
export const reducerWords: readonly string[] = [...summaryReducers, ...valueReducers];

/** Whether a word behind `@` means something: `min`, `q90`, `epoch=10`, … */
export function isReducer(word: string): boolean {
  return (
    isSummaryReducer(word) || valueReducers.some((known) => known === word) || /^q\d{1,2}$|^[\w.-]+=.+$/.test(word)
  );
}

/** What of a metric a word behind `@` tells; undefined where there is nothing to tell. */
export function metricValue(
  { directory, attempts }: RunResult,
  name: string,
  summary: MetricSummary,
  reducer: string,
): ExpressionValue {
  if (isSummaryReducer(reducer)) return reduced(summary, reducer);
  const [log, key] = splitMetric(directory, name);
  const file = readMetricLog(directory, log, attempts);
  const at = /^([\w.-]+)=(.+)$/.exec(reducer);
  if (at) {
    const [, step = '', wanted = ''] = at;
    const line = file.lines.findLast((one) => String(one[step]) === wanted || Number(one[step]) === Number(wanted));
    return line?.[key];
  }
  const values = seriesOf(file, key);
  const numbers = values.filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
  if (reducer === 'values') return values as MetricValue[];
  if (numbers.length === 0) return undefined;
  if (reducer === 'argmin') return values.indexOf(Math.min(...bounded(numbers, Math.min)));
  if (reducer === 'argmax') return values.indexOf(Math.max(...bounded(numbers, Math.max)));
  return quantile(numbers, reducer === 'median' ? 0.5 : Number(reducer.slice(1)) / 100);
}

/** One number, for a call with a hundred thousand of them would overflow the stack. */
const bounded = (numbers: readonly number[], pick: (...two: number[]) => number) => [
  numbers.reduce((best, one) => pick(best, one)),
];

/** `train.loss` as the name of its file and its key. A file may have dots in its name: the longest that a run has and that the name begins with counts. */
export function splitMetric(directory: string, name: string): [log: string, key: string] {
  const own = metricLogNames(directory).filter((log) => name.startsWith(`${log}.`));
  const log = maxBy(own, 'length') ?? name.slice(0, name.indexOf('.'));
  return [log, name.slice(log.length + 1)];
}

/** Summaries of all metrics of a run, and what was wrong with their files. `last` is the number of its last attempt, if that is known. */
export const summarizeRun = (directory: string, last?: number): Pick<RunResult, 'metrics' | 'problems'> =>
  summarizeLogs(readMetricLogs(directory, 'path', last));

/** The same of logs that were read. */
export function summarizeLogs(logs: ReadonlyMap<string, MetricLog>): Pick<RunResult, 'metrics' | 'problems'> {
  const metrics = new Map<string, MetricSummary>();
  const problems: RowProblem[] = [];
  for (const [log, { lines, broken, torn, earlier }] of logs) {
    for (const [key, summary] of summarize(lines)) {
      metrics.set(`${log}.${key}`, earlier === undefined ? summary : { ...summary, earlier });
    }
    if (broken.length > 0 || torn) problems.push({ file: join('metrics', `${log}.json`), lines: broken, torn });
  }
  return { metrics, problems };
}
