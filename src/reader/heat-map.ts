import isEqual from 'lodash/isEqual.js';
import type { ExpressionValue } from '../expression/index.js';
import { aggregate } from './aggregate.js';
import { columnText, groupResults } from './query.js';
import { type ColumnName, currentValue, type RunResult } from './result-row.js';

/** The runs at one place of a heat map. */
export interface HeatCell {
  /** The mean of their numbers; undefined where there is none. */
  readonly value: number | undefined;
  readonly runs: readonly number[];
  /** How many of them have no number there. */
  readonly without: number;
}

/** A metric over two columns: `cells[row][column]`, undefined where no run is. */
export interface HeatMap {
  readonly metric: string;
  readonly rowName: string;
  readonly columnName: string;
  readonly rows: readonly ExpressionValue[];
  readonly columns: readonly ExpressionValue[];
  readonly cells: readonly (readonly (HeatCell | undefined)[])[];
  /** The lowest and the highest finite value; undefined where there is none. */
  readonly range: readonly [low: number, high: number] | undefined;
}

/** The means of a metric where runs agree in two columns. Rows and columns are in order of their values. */
export function heatMapOf(
  results: readonly RunResult[],
  metric: ColumnName,
  [row, column]: readonly [ColumnName, ColumnName],
): HeatMap {
  const columns = groupResults(results, [column]).map(({ key: [value] }) => value);
  const rows = groupResults(results, [row]);
  const cells = rows.map(({ results: its }) => {
    const groups = groupResults(its, [column]);
    return columns.map((value) => {
      const group = groups.find(({ key: [own] }) => isEqual(own, value));
      return group && cellOf(group.results, metric);
    });
  });
  const values = cells.flat().flatMap((cell) => (Number.isFinite(cell?.value) ? [cell?.value ?? 0] : []));
  return {
    metric: columnText(metric),
    rowName: columnText(row),
    columnName: columnText(column),
    rows: rows.map(({ key: [value] }) => value),
    columns,
    cells,
    range: values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)],
  };
}

function cellOf(results: readonly RunResult[], metric: ColumnName): HeatCell {
  const { value, numbers } = aggregate(
    results.map((result) => ({ run: result.id, value: currentValue(result, metric) })),
    'mean',
  );
  return {
    value: typeof value === 'number' ? value : undefined,
    runs: results.map(({ id }) => id),
    without: results.length - numbers,
  };
}

/** Where a value is between the lowest, 0, and the highest, 1; undefined for what is infinite. */
export function heatOf(value: number, [low, high]: readonly [number, number]): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return high === low ? 0.5 : (value - low) / (high - low);
}
