import type { ExpressionValue } from '../../expression/index.js';
import type { MetricValue } from '../../store/index.js';
import { quantile } from '../statistics.js';
import { type AttemptChoice, readMetricLog, seriesOf, splitMetric } from './read-logs.js';
import { type MetricSummary, reduced, type SummaryReducer, summaryReducers } from './summary.js';

const isSummaryReducer = (word: string): word is SummaryReducer => summaryReducers.some((known) => known === word);

/** Reducers that need all values; those of `summaryReducers` need the summary alone. */
const valueReducers = ['median', 'argmin', 'argmax', 'values'] as const;

/** All words after `@`, except for quantiles (`q90`) and `KEY=VALUE`. */
export const reducerWords: readonly string[] = [...summaryReducers, ...valueReducers];

/** Whether a word after `@` means something: `min`, `q90`, `epoch=10`, … */
export function isReducer(word: string): boolean {
  return (
    isSummaryReducer(word) || valueReducers.some((known) => known === word) || /^q\d{1,2}$|^[\w.-]+=.+$/.test(word)
  );
}

/**
 * The value of a run's metric by a reducer; undefined if there is none. Reads the metrics file unless the
 * summary is enough.
 */
export function metricValue(
  { directory, attempts }: { readonly directory: string; readonly attempts?: AttemptChoice | undefined },
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
  // Math.min(...numbers) overflows the stack at about a hundred thousand numbers.
  if (reducer === 'argmin') return values.indexOf(numbers.reduce((low, one) => Math.min(low, one)));
  if (reducer === 'argmax') return values.indexOf(numbers.reduce((high, one) => Math.max(high, one)));
  return quantile(numbers, reducer === 'median' ? 0.5 : Number(reducer.slice(1)) / 100);
}
