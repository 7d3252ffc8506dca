import { nearest, nearestSome } from '../../core/suggest.js';
import { fail } from '../../failures/index.js';
import {
  type Column,
  type ColumnName,
  type KnownRuns,
  keyColumn,
  parseColumnName,
  type WrittenColumn,
  writtenColumns,
} from '../columns/column.js';
import { sweptKeys } from '../columns/swept-keys.js';
import { metricNames, resultValue } from '../columns/values.js';
import type { RunResult } from '../run-result.js';
import { aggregators, isAggregator } from './aggregate.js';
import { sortByValue } from './sort.js';
import { type AggregateColumn, groupedTable, type ResultTable, sortedTable, tableOf } from './table.js';

/** What a query asks for; undefined for what it leaves to the table. */
interface TableRequest {
  /** The columns of runs: `run,lr,train.loss@min`. */
  readonly select: string | undefined;
  /** The columns that runs of a group agree in. */
  readonly groupBy: string | undefined;
  /** `mean:train.loss,min:test.acc@max`. */
  readonly aggregates: readonly string[];
  readonly sort: string | undefined;
  readonly descending: boolean;
  /** True if each attempt of a run is a row. */
  readonly isOfAttempts: boolean;
}

/** Looks up columns among runs. Throws what `resolveColumns` throws. */
type LookUp = (columns: readonly WrittenColumn[]) => (WrittenColumn & Column)[];

/**
 * Returns the rows of a query in their order: runs sorted by any column, or groups sorted by a column of the
 * table. Throws `bad-option-value`, and what `lookUp` throws.
 */
export function queryTable({ results }: KnownRuns, request: TableRequest, lookUp: LookUp): ResultTable {
  const { select, groupBy, sort, descending, isOfAttempts } = request;
  const aggregates = request.aggregates.flatMap((one) => parseAggregates(one, lookUp));
  if (groupBy === undefined && aggregates.length === 0) {
    const columns =
      select === undefined ? chosenColumns(results, isOfAttempts) : lookUp(writtenColumns(select, '--select'));
    const [by] = sort === undefined ? [] : lookUp(writtenColumns(sort, '--sort'));
    return tableOf(by ? sortByValue(results, (one) => resultValue(one, by), descending) : results, columns);
  }
  const keys = groupBy === undefined ? [] : lookUp(writtenColumns(groupBy, '--group-by'));
  const table = groupedTable(results, keys, aggregates.length > 0 ? aggregates : meansOf(results));
  return sort === undefined ? table : (sortedTable(table, sort, descending) ?? unknownSort(sort, table));
}

/** Reads `mean:train.loss,min:test.acc@max`. Throws `bad-option-value` or `unknown-column`. */
function parseAggregates(text: string, lookUp: LookUp): AggregateColumn[] {
  return writtenColumns(text, '--agg').flatMap((written) => {
    const [, aggregator, name] = /^([^:]+):(.+)$/.exec(written.name) ?? [];
    if (aggregator === undefined || name === undefined || !isAggregator(aggregator)) {
      return fail({
        reason: 'bad-option-value',
        option: '--agg',
        value: text,
        expected: `FUNCTION:COLUMN, such as mean:train.loss; functions: ${aggregators.join(', ')}, q10 … q90`,
        near: aggregator === undefined ? undefined : nearest(aggregator, aggregators),
      });
    }
    const column = { ...written, name, offset: written.offset + aggregator.length + 1 };
    return lookUp([column]).map((found) => ({ aggregator, column: found }));
  });
}

const meansOf = (results: readonly RunResult[]): AggregateColumn[] =>
  metricNames(results).map((name) => ({ aggregator: 'mean', column: parseColumnName(name) }));

/** Returns the columns if none are named: the run, the swept keys, and the last values of metrics. */
function chosenColumns(results: readonly RunResult[], isOfAttempts: boolean): (ColumnName & Partial<Column>)[] {
  return [
    ...['run', ...(isOfAttempts ? ['attempt'] : []), 'status'].map(parseColumnName),
    ...sweptKeys(results).map(keyColumn),
    ...metricNames(results).map(parseColumnName),
  ];
}

function unknownSort(column: string, { columns }: ResultTable): never {
  return fail({
    reason: 'bad-option-value',
    option: '--sort',
    value: column,
    expected: `a column of the groups: ${columns.join(', ')}`,
    near: nearestSome(column, columns)[0],
  });
}
