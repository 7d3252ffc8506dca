import type { ExpressionValue } from '../../expression/index.js';
import { type ColumnName, columnText } from '../columns/column.js';
import { currentValue, earlierAttempt, resultValue } from '../columns/values.js';
import type { RunResult } from '../run-result.js';
import { type Aggregator, aggregate } from './aggregate.js';
import { groupResults } from './groups.js';
import { sortByValue } from './sort.js';

/** The result of a query: rows under columns. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ExpressionValue[])[];
  /** The runs that aggregates leave out, by column. */
  readonly leftOut: readonly LeftOut[];
  /** By row: the attempt of each value that is not of the last attempt, by the index of its column. */
  readonly earlier?: ReadonlyMap<readonly ExpressionValue[], ReadonlyMap<number, number>>;
}

/** How many runs an aggregate leaves out, by reason. */
export interface LeftOut {
  /** The text of the aggregate. */
  readonly column: string;
  readonly missing: number;
  readonly nan: number;
  /** Runs whose last attempt has not logged it. */
  readonly earlier: number;
  /** Values that are no numbers. */
  readonly other: number;
}

/** A column with one value per group: `mean:train.loss`. */
export interface AggregateColumn {
  readonly aggregator: Aggregator;
  readonly column: ColumnName;
}

/** The text of an aggregate, as it is typed and as the head of its column. */
const aggregateText = ({ aggregator, column }: AggregateColumn) => `${aggregator}:${columnText(column)}`;

/** A table with one row per run. */
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

/**
 * A table with one row per group: its key, the number of its runs (`n`), its aggregates, its run ids
 * (`runs`).
 */
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

/** The table sorted by a column; undefined if it has no such column. */
export function sortedTable(table: ResultTable, column: string, descending: boolean): ResultTable | undefined {
  const index = table.columns.indexOf(column);
  return index === -1 ? undefined : { ...table, rows: sortByValue(table.rows, (row) => row[index], descending) };
}
