import sortBy from 'lodash/sortBy.js';
import { fail } from '../core/failure.js';
import type { Source } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { type Expression, type ExpressionValue, holds, namesIn } from '../expression/index.js';
import { type Aggregator, aggregate } from './aggregate.js';
import {
  type ColumnName,
  currentValue,
  earlierAttempt,
  isReducer,
  parseColumnName,
  type RunResult,
  resultValue,
} from './result-row.js';

/** Rows under columns: what a query comes to. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ExpressionValue[])[];
  /** Of columns that are aggregates: of how many runs they tell nothing, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Values that are not of the last attempt: for a row the attempts they are of, by the place of the column. */
  readonly earlier?: ReadonlyMap<readonly ExpressionValue[], ReadonlyMap<number, number>>;
}

export interface LeftOut {
  readonly column: string;
  readonly missing: number;
  readonly nan: number;
  /** Runs whose last attempt has not logged it. */
  readonly earlier: number;
  /** Values that are no numbers. */
  readonly other: number;
}

/** Values of a column in a group of runs as one. */
export interface AggregateColumn {
  readonly aggregator: Aggregator;
  readonly column: ColumnName;
}

/** A column as it is written, where a mistake in it is to be shown. */
export interface WrittenColumn extends ColumnName {
  readonly source: Source;
  readonly offset: number;
}

/** `a,b.c@min` in an option as columns with their places. */
export function writtenColumns(text: string, option: string): WrittenColumn[] {
  const source = { name: option, text };
  let offset = 0;
  return text.split(',').map((word) => {
    const at = offset + (word.length - word.trimStart().length);
    offset += word.length + 1;
    return { ...parseColumnName(word.trim()), source, offset: at };
  });
}

export const columnText = ({ name, reducer }: ColumnName) => (reducer === undefined ? name : `${name}@${reducer}`);
export const aggregateText = ({ aggregator, column }: AggregateColumn) => `${aggregator}:${columnText(column)}`;

/** The names of all metrics that some result has, in the order in which they are met. */
export const metricNames = (results: readonly RunResult[]): string[] => [
  ...new Set(results.flatMap(({ metrics }) => [...metrics.keys()])),
];

/** All names that some result has: those of metrics first, then keys of configs by themselves, then all columns. */
export function knownNames(results: readonly RunResult[]): string[] {
  const columns = new Set(results.flatMap(({ columns: own }) => [...own.keys()]));
  const keys = [...columns].flatMap((name) => (name.startsWith('config.') ? [name.slice('config.'.length)] : []));
  return ['run', 'status', ...metricNames(results), ...keys, ...columns];
}

/** Throws `unknown-column` for a column that no result has, and for a word behind `@` that means nothing. */
export function checkColumns(results: readonly RunResult[], columns: readonly WrittenColumn[]): void {
  for (const column of columns) {
    const { name, reducer, source, offset } = column;
    const bad = (near: string | undefined) =>
      fail({
        reason: 'unknown-column',
        span: { source, offset, length: Math.max(1, columnText(column).length) },
        column: columnText(column),
        near,
      });
    if (reducer !== undefined && !isReducer(reducer))
      bad(nearest(reducer, ['last', 'first', 'min', 'max', 'mean', 'median', 'std']));
    if (results.length === 0 || results.some((result) => has(result, name, reducer))) continue;
    bad(nearest(name, knownNames(results)));
  }
}

function has(result: RunResult, name: string, reducer: string | undefined): boolean {
  if (result.metrics.has(name)) return true;
  return reducer === undefined && resultValue(result, { name, reducer: undefined }) !== undefined;
}

/** The results for which an expression holds. Throws `unknown-column` for a name that none has. */
export function matchingResults(results: readonly RunResult[], expression: Expression): RunResult[] {
  const names = namesIn(expression);
  checkColumns(
    results,
    names.map(({ name, span }) => ({ ...parseColumnName(name), source: span.source, offset: span.offset })),
  );
  return results.filter((result) => holds(expression, (name) => resultValue(result, parseColumnName(name))));
}

/** One row per run. */
export function tableOf(results: readonly RunResult[], columns: readonly ColumnName[]): ResultTable {
  const earlier = new Map<readonly ExpressionValue[], ReadonlyMap<number, number>>();
  const rows = results.map((result) => {
    const row = columns.map((column) => resultValue(result, column));
    const marks = columns.flatMap((column, i): [number, number][] => {
      const attempt = earlierAttempt(result, column);
      return attempt === undefined ? [] : [[i, attempt]];
    });
    if (marks.length > 0) earlier.set(row, new Map(marks));
    return row;
  });
  return { columns: columns.map(columnText), rows, leftOut: [], earlier };
}

/** Results that agree in the values of some columns. */
export interface ResultGroup {
  readonly key: readonly ExpressionValue[];
  readonly results: readonly RunResult[];
}

/** Groups results by the values of columns, which are compared as they are: 1 and '1' differ, and a value that is missing is one, too. In order of the keys. */
export function groupResults(results: readonly RunResult[], columns: readonly ColumnName[]): ResultGroup[] {
  const groups = new Map<string, { key: ExpressionValue[]; results: RunResult[] }>();
  for (const result of results) {
    const key = columns.map((column) => resultValue(result, column));
    const text = JSON.stringify(
      key.map((value) => (value === undefined ? [] : typeof value === 'number' ? String(value) : [value])),
    );
    const group = groups.get(text);
    if (group) group.results.push(result);
    else groups.set(text, { key, results: [result] });
  }
  return sortBy(
    [...groups.values()],
    columns.map(
      (_, i) =>
        ({ key }: ResultGroup) =>
          sortable(key[i]),
    ),
  );
}

/** Text that is a number counts as one, so that `1e-3` comes before `1e-2`; what is missing comes last. */
export function sortable(value: ExpressionValue): number | string | undefined {
  if (value === undefined || value === null || typeof value === 'number') return value ?? undefined;
  const text = String(value);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** One row per group: its key, how many runs it has and which, and their aggregates. */
export function groupedTable(
  results: readonly RunResult[],
  keys: readonly ColumnName[],
  aggregates: readonly AggregateColumn[],
): ResultTable {
  const counts = aggregates.map(() => ({ missing: 0, nan: 0, earlier: 0, other: 0 }));
  const rows = groupResults(results, keys).map(({ key, results: members }) => {
    const values = aggregates.map(({ aggregator, column }, i) => {
      const one = aggregate(
        members.map((result) => ({ run: result.id, value: currentValue(result, column) })),
        aggregator,
      );
      const count = counts[i];
      if (count) {
        const earlier = members.filter((result) => earlierAttempt(result, column) !== undefined).length;
        count.earlier += earlier;
        count.missing += one.missing - earlier;
        count.nan += one.nan;
        count.other += ['count', 'first', 'last'].includes(aggregator) ? 0 : one.other;
      }
      return one.value;
    });
    return [...key, members.length, ...values, members.map(({ id }) => id)];
  });
  return {
    columns: [...keys.map(columnText), 'n', ...aggregates.map(aggregateText), 'runs'],
    rows,
    leftOut: aggregates.flatMap((column, i) => {
      const count = counts[i] ?? { missing: 0, nan: 0, earlier: 0, other: 0 };
      return count.missing + count.nan + count.earlier + count.other === 0
        ? []
        : [{ column: aggregateText(column), ...count }];
    }),
  };
}

/** Rows by a column, those without a value last either way; undefined where there is no such column. */
export function sortedTable(table: ResultTable, column: string, descending: boolean): ResultTable | undefined {
  const place = table.columns.indexOf(column);
  if (place === -1) return undefined;
  const key = (row: readonly ExpressionValue[]) => sortable(row[place]);
  const isThere = (value: number | string | undefined) => value !== undefined && !Number.isNaN(value);
  const valued = table.rows.filter((row) => isThere(key(row)));
  const rest = table.rows.filter((row) => !isThere(key(row)));
  const numeric = valued.every((row) => typeof key(row) === 'number');
  const sorted = sortBy(valued, (row) => (numeric ? key(row) : String(key(row))));
  return { ...table, rows: [...(descending ? sorted.reverse() : sorted), ...rest] };
}

/** The keys of configs, without `config.`, in which results differ: what was swept. */
export function differingKeys(results: readonly RunResult[]): string[] {
  const values = new Map<string, Set<string>>();
  results.forEach(({ columns }, i) => {
    for (const [name, value] of columns) {
      if (!name.startsWith('config.')) continue;
      // A key that earlier results lack differs from them.
      const seen = values.get(name) ?? new Set(i === 0 ? [] : ['missing']);
      values.set(name, seen.add(JSON.stringify(value) ?? 'missing'));
    }
    for (const [name, seen] of values) if (!columns.has(name)) seen.add('missing');
  });
  return [...values].flatMap(([name, seen]) => (seen.size > 1 ? [name.slice('config.'.length)] : []));
}
