import { shortNumber } from '../../core/number-text.js';
import type { MetricValue } from '../../logger/index.js';
import { metricsFirst } from '../../reader/index.js';

/** A metric's value as people read it. */
export function metricText(value: MetricValue): string {
  return typeof value === 'number' ? shortNumber(value) : String(value);
}

/** `train.loss 0.31  train.epoch 12`: results first, steps last. */
export function metricsText(metrics: ReadonlyMap<string, MetricValue>): string {
  return metricsFirst([...metrics.keys()])
    .map((name) => `${name} ${metricText(metrics.get(name) ?? null)}`)
    .join('  ');
}
