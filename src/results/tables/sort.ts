import partition from 'lodash/partition.js';
import sortBy from 'lodash/sortBy.js';
import type { ExpressionValue } from '../../expression/index.js';

/**
 * The sort key of a value: a text that is a number counts as one, so that `1e-3` comes before `1e-2`.
 * Undefined for a missing value, which lodash sorts last.
 */
export function sortable(value: ExpressionValue): number | string | undefined {
  if (value === undefined || value === null || typeof value === 'number') return value ?? undefined;
  const text = String(value);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Sorts by a value, as numbers if all values are numbers, else as texts. Missing values and NaN come last, in
 * either direction.
 *
 * The page of `mlx ui` (`ui/page/sort-runs.ts`) sorts numbers and texts in one column differently, because
 * its table is sorted again whenever a run changes. A command sorts once, and its order is part of its
 * output.
 */
export function sortByValue<T>(all: readonly T[], valueIn: (one: T) => ExpressionValue, descending: boolean): T[] {
  const keyed = all.map((one) => ({ one, key: sortable(valueIn(one)) }));
  const [valued, rest] = partition(keyed, ({ key }) => key !== undefined && !Number.isNaN(key));
  const numeric = valued.every(({ key }) => typeof key === 'number');
  const sorted = sortBy(valued, ({ key }) => (numeric ? key : String(key)));
  return [...(descending ? sorted.reverse() : sorted), ...rest].map(({ one }) => one);
}
