import sortBy from 'lodash/sortBy.js';
import type { ExpressionValue } from '../../expression/index.js';
import type { ColumnName } from '../columns/column.js';
import { resultValue } from '../columns/values.js';
import type { RunResult } from '../run-result.js';
import { sortable } from './sort.js';

/** Results that have the same values in some columns. */
export interface ResultGroup {
  readonly key: readonly ExpressionValue[];
  readonly results: readonly RunResult[];
}

/**
 * Groups results by their values in columns, sorted by those. Values are compared with their types: 1 and '1'
 * differ. A missing value is a value of its own.
 */
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
