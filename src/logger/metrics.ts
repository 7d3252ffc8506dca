import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './store.js';

export type MetricValue = number | string | boolean | null;

const tailBytes = 16_384;

/**
 * The last value of every metric of a run by `<log name>.<key>`, from the ends of `metrics/*.json`. Lines that are
 * not whole yet, or no JSON objects, are passed over.
 */
export function readLastMetrics(run: string): Map<string, MetricValue> {
  const directory = runPaths.metrics(run);
  const names = ifPresent(() => readdirSync(directory)) ?? [];
  const last = new Map<string, MetricValue>();
  for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
    const logName = name.slice(0, -'.json'.length);
    const lines = (ifPresent(() => readTail(join(directory, name))) ?? '').split('\n').reverse();
    for (const line of lines) {
      for (const [key, value] of Object.entries(parseMetricLine(line) ?? {})) {
        const column = `${logName}.${key}`;
        if (!key.startsWith('_') && !last.has(column)) last.set(column, value);
      }
    }
  }
  return last;
}

/** One line of a metrics file; undefined where it is no JSON object. Python's `NaN` and `Infinity` are numbers here. */
export function parseMetricLine(line: string): Record<string, MetricValue> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return parseWithNonFinite(line);
  }
}

const nonFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};
const marker = '\u0000';

function parseWithNonFinite(line: string): Record<string, MetricValue> | undefined {
  // Strings are matched first, so that the words inside of them stay as they are.
  const marked = line.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => {
    return token.startsWith('"') ? token : `"\\u0000${token}"`;
  });
  try {
    return JSON.parse(marked, (_, value) => {
      return typeof value === 'string' && value.startsWith(marker) ? nonFinite[value.slice(1)] : value;
    });
  } catch {
    return undefined;
  }
}

function readTail(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, tailBytes);
    const buffer = Buffer.alloc(length);
    const read = readSync(file, buffer, 0, length, size - length);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
