import type { ExpressionValue } from '../../expression/index.js';
import { deviation, mean, quantile } from '../statistics.js';

/** The names of all aggregators, except for quantiles (`q90`). */
export const aggregators = [
  'mean',
  'std',
  'sem',
  'median',
  'min',
  'max',
  'sum',
  'count',
  'first',
  'last',
  'argmin',
  'argmax',
] as const;

/** An aggregator: turns the values of several runs into one. */
export type Aggregator = (typeof aggregators)[number] | `q${number}`;

/** Whether a word is an aggregator. */
export function isAggregator(word: string): word is Aggregator {
  return aggregators.some((known) => known === word) || /^q\d{1,2}$/.test(word);
}

/** A run's id with its value in some column. */
interface RunValue {
  readonly run: number;
  readonly value: ExpressionValue;
}

/** The aggregate of a group's values, and how many runs were left out, by reason. */
export interface Aggregate {
  readonly value: ExpressionValue;
  /** How many numbers it is made of. */
  readonly numbers: number;
  readonly missing: number;
  readonly nan: number;
  /** Values that are no numbers. */
  readonly other: number;
}

/**
 * Aggregates the values of a group, in the order of its runs. NaN is counted apart and is not part of the
 * value.
 */
export function aggregate(values: readonly RunValue[], aggregator: Aggregator): Aggregate {
  const there = values.filter(({ value }) => value !== undefined && value !== null);
  const numeric = there.filter((one): one is RunValue & { value: number } => typeof one.value === 'number');
  const finite = numeric.filter(({ value }) => !Number.isNaN(value));
  const counts = {
    numbers: finite.length,
    missing: values.length - there.length,
    nan: numeric.length - finite.length,
    other: there.length - numeric.length,
  };
  return { value: aggregated(there, finite, aggregator), ...counts };
}

function aggregated(
  there: readonly RunValue[],
  finite: readonly (RunValue & { readonly value: number })[],
  aggregator: Aggregator,
): ExpressionValue {
  const numbers = finite.map(({ value }) => value);
  if (aggregator === 'count') return there.length;
  if (aggregator === 'first') return there[0]?.value;
  if (aggregator === 'last') return there.at(-1)?.value;
  const [first] = finite;
  if (!first) return undefined;
  switch (aggregator) {
    case 'mean':
      return mean(numbers);
    case 'sum':
      return numbers.reduce((sum, one) => sum + one, 0);
    case 'std':
      return deviation(numbers);
    case 'sem': {
      const spread = deviation(numbers);
      return spread === undefined ? undefined : spread / Math.sqrt(numbers.length);
    }
    case 'min':
      return numbers.reduce((low, one) => Math.min(low, one));
    case 'max':
      return numbers.reduce((high, one) => Math.max(high, one));
    case 'argmin':
      return finite.reduce((best, one) => (one.value < best.value ? one : best), first).run;
    case 'argmax':
      return finite.reduce((best, one) => (one.value > best.value ? one : best), first).run;
    default:
      return quantile(numbers, aggregator === 'median' ? 0.5 : Number(aggregator.slice(1)) / 100);
  }
}
