import isEqual from 'lodash/isEqual.js';
import type { ExpressionValue } from '../expression/index.js';
import type { ColumnName, RunResult } from '../results/index.js';
import { aggregate, columnText, currentValue, groupResults } from '../results/index.js';
import { viewRange } from './axis/view-range.js';

/** The runs in one cell of a heat map. */
export interface HeatCell {
  /** The mean of their numbers; undefined if none has one. */
  readonly value: number | undefined;
  readonly runs: readonly number[];
  /** How many of them have no number. */
  readonly without: number;
}

/** A metric over two columns: `cells[row][column]`, undefined for a cell without runs. */
export interface HeatMap {
  readonly metric: string;
  readonly rowName: string;
  readonly columnName: string;
  readonly rows: readonly ExpressionValue[];
  readonly columns: readonly ExpressionValue[];
  readonly cells: readonly (readonly (HeatCell | undefined)[])[];
  /** The values of the lowest and the highest colour, without outliers; undefined if there is no value. */
  readonly range: readonly [low: number, high: number] | undefined;
}

/** The means of a metric for runs that agree in two columns. Rows and columns are sorted by their values. */
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
    range: heatRange(values),
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

/** The lowest and highest of finite values, without outliers that would make all others look alike. */
export function heatRange(values: readonly number[]): readonly [low: number, high: number] | undefined {
  const range = viewRange(
    values.map((value) => [value]),
    { log: false },
  );
  const inside = values.filter((value) => range && value >= range.low && value <= range.high);
  return inside.length === 0 ? undefined : [Math.min(...inside), Math.max(...inside)];
}

/**
 * A value's heat from 0, at or below the low end, to 1, at or above the high end; undefined for an infinite
 * value.
 */
export function heatOf(value: number, [low, high]: readonly [number, number]): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return high === low
    ? value > high
      ? 1
      : value < low
        ? 0
        : 0.5
    : Math.min(1, Math.max(0, (value - low) / (high - low)));
}
