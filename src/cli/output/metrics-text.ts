import { shortNumber } from '../../core/number-text.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { type LastMetrics, metricsFirst } from '../../results/index.js';
import type { MetricValue } from '../../store/index.js';

/** Returns a metric's value as people read it. */
export function metricText(value: MetricValue): string {
  return typeof value === 'number' ? shortNumber(value) : String(value);
}

/** Returns how many lines a metrics file lacks. */
export const lostText = (lines: number, file: string): string =>
  `${printableLine(file)} lacks ${plural(lines, 'line')} that could not be written`;

/** Returns a value, marked with `*` if it is from an attempt before the last one. */
export const markedText = (text: string, earlier: number | undefined): string =>
  earlier === undefined ? text : `${text}*`;

/**
 * Returns `train.loss 0.31  train.epoch 12`: results first, steps last, values of earlier attempts marked.
 */
export function metricsText({ values, earlier }: LastMetrics): string {
  return metricsFirst([...values.keys()])
    .map((name) => `${name} ${markedText(metricText(values.get(name) ?? null), earlier.get(name))}`)
    .join('  ');
}
