import type { MetricValue } from '../../logger/index.js';

/** A metric's value as people read it: four significant digits for floats, whole numbers as they are. */
export function metricText(value: MetricValue): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** `train.loss 0.31  train.epoch 12`. */
export function metricsText(metrics: ReadonlyMap<string, MetricValue>): string {
  return [...metrics].map(([name, value]) => `${name} ${metricText(value)}`).join('  ');
}
