import type { MetricValue } from '../../store/index.js';
import type { MetricLine } from './parse-text.js';

/** A summary of all logged values of one metric. NaN is counted apart and is not part of the numbers. */
export interface MetricSummary {
  /** How many numbers there are, without NaN. */
  readonly count: number;
  readonly nan: number;
  readonly first: MetricValue;
  readonly last: MetricValue;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of the squared distances from the mean. */
  readonly squares: number;
  /** The attempt that logged it, if the last attempt has not logged it and may have started over. */
  readonly earlier?: number | undefined;
}

/** Summaries of all keys of a metrics file, by key, in one pass. */
export function summarize(lines: readonly MetricLine[]): Map<string, MetricSummary> {
  const summaries = new Map<string, { -readonly [Key in keyof MetricSummary]: MetricSummary[Key] }>();
  for (const line of lines) {
    for (const key in line) {
      if (key.charCodeAt(0) === 95 && key === '_attempt') continue;
      const value = line[key] as MetricValue;
      let summary = summaries.get(key);
      if (!summary) {
        summary = {
          count: 0,
          nan: 0,
          first: value,
          last: value,
          min: Number.POSITIVE_INFINITY,
          max: Number.NEGATIVE_INFINITY,
          mean: 0,
          squares: 0,
        };
        summaries.set(key, summary);
      }
      summary.last = value;
      if (typeof value !== 'number') continue;
      if (Number.isNaN(value)) {
        summary.nan++;
        continue;
      }
      summary.count++;
      if (value < summary.min) summary.min = value;
      if (value > summary.max) summary.max = value;
      const distance = value - summary.mean;
      summary.mean += distance / summary.count;
      summary.squares += distance * (value - summary.mean);
    }
  }
  return summaries;
}

/** The words after `@` that a summary can answer; others need all values. */
export const summaryReducers = ['last', 'first', 'min', 'max', 'mean', 'std', 'count', 'nan'] as const;
export type SummaryReducer = (typeof summaryReducers)[number];

/** The value of a metric by a reducer, as in `train.loss@min`; undefined if there is none. */
export function reduced(summary: MetricSummary, reducer: SummaryReducer): MetricValue | undefined {
  const { count, squares } = summary;
  switch (reducer) {
    case 'last':
    case 'first':
    case 'count':
    case 'nan':
      return summary[reducer];
    case 'std':
      return count < 2 ? undefined : Math.sqrt(squares / (count - 1));
    default:
      return count === 0 ? (summary.nan > 0 ? Number.NaN : undefined) : summary[reducer];
  }
}
