import partition from 'lodash/partition.js';
import sortBy from 'lodash/sortBy.js';
import type { ExpressionValue } from '../../expression/index.js';
import { columnText, currentValue, earlierAttempt, resultValue } from '../columns/resolve.js';
import type { ColumnName, RunResult } from '../run-result.js';
import { type Aggregator, aggregate } from './aggregate.js';

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

export const aggregateText = ({ aggregator, column }: AggregateColumn) => `${aggregator}:${columnText(column)}`;

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

/** Things by a value of theirs, those without one last either way: as numbers where all values are, else as text. */
export function sortByValue<T>(all: readonly T[], valueIn: (one: T) => ExpressionValue, descending: boolean): T[] {
  const keyed = all.map((one) => ({ one, key: sortable(valueIn(one)) }));
  const [valued, rest] = partition(keyed, ({ key }) => key !== undefined && !Number.isNaN(key));
  const numeric = valued.every(({ key }) => typeof key === 'number');
  const sorted = sortBy(valued, ({ key }) => (numeric ? key : String(key)));
  return [...(descending ? sorted.reverse() : sorted), ...rest].map(({ one }) => one);
}

/** Rows by a column; undefined where there is no such column. */
export function sortedTable(table: ResultTable, column: string, descending: boolean): ResultTable | undefined {
  const place = table.columns.indexOf(column);
  return place === -1 ? undefined : { ...table, rows: sortByValue(table.rows, (row) => row[place], descending) };
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
