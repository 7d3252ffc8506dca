import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import uniq from 'lodash/uniq.js';
import type { ExpressionValue } from '../../expression/index.js';
import { runPaths } from '../../store/index.js';
import { metricValue } from '../metrics/reducers.js';
import type { RunResult } from '../run-result.js';
import { type ColumnName, columnText, type MaybeColumn, type Meaning, meanings } from './column.js';
import { ageOf, factNames, leadingFacts } from './facts.js';
import { deleted } from './overrides.js';

/**
 * A run's value in a column; undefined if the run has none. A column that was not looked up has the first
 * meaning that this run knows.
 */
export function resultValue(result: RunResult, column: MaybeColumn): ExpressionValue {
  const { name, reducer, meaning } = column;
  if (reducer !== undefined) return metricOf(result, column) ?? result.columns.get(`override.${columnText(column)}`);
  for (const one of meaning === undefined ? meanings : [meaning]) {
    const value = valueAs[one](result, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The attempt that logged a metric, if the last attempt has not logged it and may have started over. */
export const earlierAttempt = ({ metrics }: RunResult, { name, meaning = 'metric' }: MaybeColumn) =>
  meaning === 'metric' ? metrics.get(name)?.earlier : undefined;

/** `resultValue`, but undefined for a metric of an earlier attempt: aggregates leave those out. */
export const currentValue = (result: RunResult, column: MaybeColumn): ExpressionValue =>
  earlierAttempt(result, column) === undefined ? resultValue(result, column) : undefined;

/** A run's value for a name, by meaning. */
export const valueAs: Readonly<Record<Meaning, (result: RunResult, name: string) => ExpressionValue>> = {
  prefixed: (result, name) => {
    if (!isPrefixed(name)) return artifactPath(result, name);
    const own = result.columns.get(name);
    // A value may be null.
    return own === undefined && name.startsWith('info.') ? factIn(result, name.slice('info.'.length)) : own;
  },
  leading: (result, name) => (isLeading(name) ? factIn(result, name) : undefined),
  metric: (result, name) => metricOf(result, { name, reducer: undefined }),
  key: ({ columns, unreadable }, name) => {
    const value = columns.get(`config.${name}`);
    // If the config can't be read, the typed word is not its value.
    if (value !== undefined || unreadable) return value;
    const typed = columns.get(`override.${name}`);
    return typed === deleted ? undefined : typed;
  },
  fact: factIn,
};

export const isLeading = (name: string) => leadingFacts.some((fact) => fact === name);
export const isPrefixed = (name: string) => /^(?:config|info|override)\./.test(name);

/** All facts. The briefs bring those of errors; the age changes all the time and is never kept. */
const allFacts: readonly string[] = [...leadingFacts, ...factNames, 'error', 'error_place', 'age'];

export const isFactName = (name: string) => allFacts.includes(name);

function factIn(result: RunResult, name: string): ExpressionValue {
  if (name === 'run') return result.id;
  if (name === 'status') return result.status;
  if (name === 'directory') return result.directory;
  if (name === 'age') return ageOf(result.directory);
  // Facts are among the columns, without a prefix.
  if (!isFactName(name)) return undefined;
  const fact = result.columns.get(name);
  // A command that `info.yaml` holds, too, is kept once.
  return fact === undefined && name === 'command' ? result.columns.get('info.command') : fact;
}

function metricOf(result: RunResult, { name, reducer = 'last' }: ColumnName): ExpressionValue {
  const summary = result.metrics.get(name);
  return summary && metricValue(result, name, summary, reducer);
}

function artifactPath({ directory }: RunResult, name: string): string | undefined {
  const [, type, file] = /^artifact\.([^.]+)\.(.+)$/.exec(name) ?? [];
  if (type === undefined || file === undefined) return undefined;
  const path = normalize(join('artifacts', type, file));
  const inside = path.startsWith(join('artifacts', type, '/'));
  return inside && existsSync(join(runPaths.artifacts(directory), '..', path)) ? path : undefined;
}

/** The names of all metrics that some result has, in the order of their first appearance. */
export const metricNames = (results: readonly RunResult[]): string[] => [
  ...new Set(results.flatMap(({ metrics }) => [...metrics.keys()])),
];

/** The names of all columns (config, info, overrides with their prefixes, facts) that some result has. */
export const columnNames = (results: readonly RunResult[]): string[] =>
  uniq(results.flatMap(({ columns }) => [...columns.keys()]));

/** The names that start with a prefix, without it. */
export const withoutPrefix = (names: readonly string[], prefix: string): string[] =>
  names.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));

/**
 * All names that some result has, in their shortest form: metrics, config keys, overrides, facts, `info.KEY`.
 */
export function knownNames(results: readonly RunResult[]): string[] {
  const columns = columnNames(results);
  const info = columns.filter((name) => name.startsWith('info.'));
  return uniq([
    ...metricNames(results),
    ...withoutPrefix(columns, 'config.'),
    ...withoutPrefix(columns, 'override.'),
    ...allFacts,
    ...info,
  ]);
}
