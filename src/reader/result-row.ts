import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import type { ExpressionValue } from '../expression/index.js';
import { type MetricValue, runPaths } from '../logger/index.js';
import type { RunBrief } from './briefs.js';
import { type AttemptChoice, type MetricLog, readMetricLog, readMetricLogs, seriesOf } from './metric-lines.js';
import { type MetricSummary, reduced, type SummaryReducer, summarize, summaryReducers } from './metric-summary.js';
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
  /** `config.optimizer.lr`, `info.hostname`; also `override.lr`, as it was typed. */
  readonly columns: ReadonlyMap<string, ExpressionValue>;
  /** By `<log name>.<key>`. */
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly problems: readonly RowProblem[];
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

/** Whether a word behind `@` means something: `min`, `q90`, `epoch=10`, … */
export function isReducer(word: string): boolean {
  return (
    isSummaryReducer(word) || valueReducers.some((known) => known === word) || /^q\d{1,2}$|^[\w.-]+=.+$/.test(word)
  );
}

/**
 * The value of a column of a run: `run`, `status`, config, info and overrides by their names, a key of the config alone, a metric (its last
 * value, or what stands behind `@`), an artifact by `artifact.TYPE.NAME` (its path in the run). Undefined where the run has none.
 */
export function resultValue(result: RunResult, { name, reducer }: ColumnName): ExpressionValue {
  if (reducer === undefined) {
    if (name === 'run') return result.id;
    if (name === 'status') return result.status;
    const own = result.columns.get(name);
    if (own !== undefined) return own;
  }
  const summary = result.metrics.get(name);
  if (summary) return metricValue(result, name, summary, reducer ?? 'last');
  if (reducer !== undefined) return undefined;
  return result.columns.get(`config.${name}`) ?? artifactPath(result, name);
}

/** The attempt that a metric of a run is of, if the last attempt has not logged it and nothing says that it goes on from there. */
export const earlierAttempt = ({ metrics }: RunResult, { name }: ColumnName): number | undefined =>
  metrics.get(name)?.earlier;

/** The value of a column, undefined if it is a metric of an earlier attempt: what takes runs together passes these over. */
export const currentValue = (result: RunResult, column: ColumnName): ExpressionValue =>
  earlierAttempt(result, column) === undefined ? resultValue(result, column) : undefined;

function metricValue(
  { directory, attempts }: RunResult,
  name: string,
  summary: MetricSummary,
  reducer: string,
): ExpressionValue {
  if (isSummaryReducer(reducer)) return reduced(summary, reducer);
  const [log, key] = splitMetric(name);
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

/** `train.loss` as the name of its file and its key; of a file with a dot in its name that is told by what is there. */
export function splitMetric(name: string): [log: string, key: string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

function artifactPath({ directory }: RunResult, name: string): string | undefined {
  const [, type, file] = /^artifact\.([^.]+)\.(.+)$/.exec(name) ?? [];
  if (type === undefined || file === undefined) return undefined;
  const names = ifPresent(() => readdirSync(join(runPaths.artifacts(directory), type))) ?? [];
  return names.includes(file) ? join('artifacts', type, file) : undefined;
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
