import type { Cell, RunLine } from '../wire.js';

/** Columns that every table has, before those of its runs. */
export const fixedColumns = ['run', 'status', 'started', 'time'] as const;

/**
 * Sorts runs by a column. Runs without a value, or with NaN, come last in either direction. If a column has
 * numbers and texts, numbers come first. `sortByValue` of `results`, for commands, then sorts all as texts;
 * here that would reorder the runs under the reader's eyes when the first text comes in.
 */
export function sortedRuns(
  runs: readonly RunLine[],
  columns: readonly string[],
  { sort, descending }: { readonly sort: string; readonly descending: boolean },
): readonly RunLine[] {
  const index = columns.indexOf(sort);
  const valueIn = (run: RunLine): Cell | undefined => {
    if (sort === 'run') return run.id;
    if (sort === 'status') return run.status;
    if (sort === 'started') return run.start;
    if (sort === 'time') return run.seconds;
    return run.cells[index];
  };
  const keyed = runs.map((run) => ({ run, key: sortKey(valueIn(run)) }));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) {
      return a.key === b.key ? a.run.id - b.run.id : a.key === undefined ? 1 : -1;
    }
    return direction * compared(a.key, b.key) || a.run.id - b.run.id;
  });
  return keyed.map(({ run }) => run);
}

/** The sort key of a value: a text that is a number counts as one. Undefined if missing. */
function sortKey(value: Cell | undefined): number | string | undefined {
  if (value === null || value === undefined || value === 'NaN') return undefined;
  if (typeof value === 'number') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

/** Compares two keys; numbers come before texts. */
function compared(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}
