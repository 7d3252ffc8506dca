import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { type MetricValue, parseMetricLine, runPaths } from '../logger/index.js';

export type MetricLine = Readonly<Record<string, MetricValue>>;

/** One metrics file of a run, whole: `train` for `metrics/train.json`. */
export interface MetricLog {
  readonly lines: readonly MetricLine[];
  /** Numbers of lines, from 1, that are no JSON objects; they are passed over. */
  readonly broken: readonly number[];
  /** Whether it ends in a part of a line, which is being written or was cut short; it is passed over as well. */
  readonly torn: boolean;
}

/** The names of the metrics files of a run, sorted. */
export function metricLogNames(run: string): string[] {
  const names = ifPresent(() => readdirSync(runPaths.metrics(run))) ?? [];
  return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])).sort();
}

/**
 * Reads a metrics file. A line of an older attempt behind one of a later is left out: that attempt was taken for dead, and its run goes on
 * without it.
 */
export function readMetricLog(run: string, name: string): MetricLog {
  const text = ifPresent(() => readFileSync(join(runPaths.metrics(run), `${name}.json`), 'utf8')) ?? '';
  const lines: MetricLine[] = [];
  const broken: number[] = [];
  let attempt = 0;
  let number = 0;
  let at = 0;
  for (;;) {
    const end = text.indexOf('\n', at);
    if (end === -1) break;
    const line = text.slice(at, end);
    at = end + 1;
    number++;
    if (line === '') continue;
    const record = parseMetricLine(line);
    if (!record) {
      broken.push(number);
      continue;
    }
    const own = Number(record['_attempt'] ?? attempt);
    if (own < attempt) continue;
    attempt = own;
    lines.push(record);
  }
  // A whole object without a line's end was written by another program than mlx's clients.
  const rest = text.slice(at);
  const last = rest === '' ? undefined : parseMetricLine(rest);
  if (last) lines.push(last);
  return { lines, broken, torn: rest !== '' && !last };
}

/** The values of one metric in the order in which they were logged; a line without the key has none. */
export function seriesOf({ lines }: Pick<MetricLog, 'lines'>, key: string): MetricValue[] {
  return lines.flatMap((line) => (Object.hasOwn(line, key) ? [line[key] as MetricValue] : []));
}
