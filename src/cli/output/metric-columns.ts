import countBy from 'lodash/countBy.js';
import sortBy from 'lodash/sortBy.js';
import takeWhile from 'lodash/takeWhile.js';
import { rangesText } from '../../core/consecutive.js';
import { printableLine } from '../../core/text.js';
import { widthOf } from '../../core/width.js';
import { metricsFirst } from '../../results/index.js';
import type { MetricValue } from '../../store/index.js';
import { metricText } from './metrics-text.js';

/** At most this many metrics that did not fit are named. */
const mostNamed = 8;

/** A metric as a column of a table, with its width on the terminal. */
interface MetricColumn {
  readonly name: string;
  readonly width: number;
}

/** Returns the metrics in the order of their columns: results before steps, the most frequent first. */
export function metricColumns(metrics: readonly ReadonlyMap<string, MetricValue>[]): MetricColumn[] {
  const counts = countBy(metrics.flatMap((one) => [...one.keys()]));
  return metricsFirst(sortBy(Object.keys(counts), (name) => -(counts[name] ?? 0))).map((name) => {
    const texts = metrics.map((one) => metricText(one.get(name) ?? ''));
    return { name, width: Math.max(...[name, ...texts].map((text) => widthOf(printableLine(text)))) + 2 };
  });
}

/**
 * Returns the metrics that fit into `room`, up to the first that does not: a later one could be mistaken for
 * it.
 */
export function namesThatFit(columns: readonly MetricColumn[], room: number): string[] {
  let left = room;
  const fitting = takeWhile(columns, ({ width }) => {
    left -= width;
    return left >= 0;
  });
  return fitting.map(({ name }) => name);
}

/** Returns a note with the metrics that did not fit, and the command that shows them. */
export function leftOutText(names: readonly string[], ids: readonly number[]): string {
  const shown = names.slice(0, mostNamed).map(printableLine);
  const more = names.length > shown.length ? `, … (${names.length} in all)` : '';
  const runs = rangesText([...ids].sort((a, b) => a - b));
  return `not shown for lack of room: ${shown.join(', ')}${more}\n  mlx list ${runs} --columns run,${shown.join(',')}\n`;
}
