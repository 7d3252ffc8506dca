import { shortNumber } from '../../core/number-text.js';
import { type LastMetrics, metricsFirst } from '../../results/index.js';
import type { MetricValue } from '../../store/index.js';

/** A metric's value as people read it. */
export function metricText(value: MetricValue): string {
  return typeof value === 'number' ? shortNumber(value) : String(value);
}

/** A value, with a mark if it is of an earlier attempt than the last one. */
export const markedText = (text: string, earlier: number | undefined): string =>
  earlier === undefined ? text : `${text}*`;

/** `train.loss 0.31  train.epoch 12`: results first, steps last; with a mark where a value is of an earlier attempt. */
export function metricsText({ values, earlier }: LastMetrics): string {
  return metricsFirst([...values.keys()])
    .map((name) => `${name} ${markedText(metricText(values.get(name) ?? null), earlier.get(name))}`)
    .join('  ');
}
