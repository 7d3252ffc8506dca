import type { MetricValue } from '../../logger/index.js';
import type { LastMetrics } from '../../reader/index.js';

/** A metric's value as people read it: four significant digits for floats, whole numbers as they are. */
export function metricText(value: MetricValue): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** A value, with a mark if it is of an earlier attempt than the last one. */
export const markedText = (text: string, earlier: number | undefined): string =>
  earlier === undefined ? text : `${text}*`;

/** `train.loss 0.31  train.epoch 12`; with a mark where a value is of an earlier attempt. */
export function metricsText({ values, earlier }: LastMetrics): string {
  return [...values].map(([name, value]) => `${name} ${markedText(metricText(value), earlier.get(name))}`).join('  ');
}
