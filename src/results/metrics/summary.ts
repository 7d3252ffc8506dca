import type { MetricValue } from '../../store/index.js';
import type { MetricLine } from './parse-text.js';

/** What one metric of a run came to, over all that was logged of it. NaN is counted, and is in none of the numbers. */
export interface MetricSummary {
  /** How many numbers there are, NaN apart. */
  readonly count: number;
  readonly nan: number;
  readonly first: MetricValue;
  readonly last: MetricValue;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of squared distances from the mean. */
  readonly squares: number;
  /** The attempt that logged it, if the last attempt has not logged it and nothing says that it goes on from there. */
  readonly earlier?: number | undefined;
}

/** Summaries of all keys of a metrics file, in one pass. */
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

/** The words behind `@` that a summary answers; others need all of the values. */
export const summaryReducers = ['last', 'first', 'min', 'max', 'mean', 'std', 'count', 'nan'] as const;
export type SummaryReducer = (typeof summaryReducers)[number];

/** What of a metric is meant by `train.loss@min`; undefined where there is no number to tell. */
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
