import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { nearest, nearestSome } from '../../../core/suggest.js';
import { fail } from '../../../failures/index.js';
import {
  type AggregateColumn,
  aggregators,
  type Column,
  type ColumnName,
  groupedTable,
  isAggregator,
  type KnownRuns,
  keyColumn,
  metricNames,
  parseColumnName,
  type ResultTable,
  type RunResult,
  resultValue,
  sortByValue,
  sortedTable,
  sweptKeys,
  tableOf,
  writtenColumns,
} from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { writeTable } from '../../output/query-output.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { resultsOf } from '../../selecting/run-results.js';
import { earlierValues, tellEarlier, tellLeftOut } from '../../selecting/tell-results.js';
import type { QueryOptions } from './spec.js';

/** `mlx query [EXPR]`: what runs have come to, one by one or in groups. Nothing is written but to stdout, and the index. */
export async function run({ positionals, options }: ParsedArgs<QueryOptions>, io: Io): Promise<number> {
  const [format = 'table', other] = (['table', 'json', 'jsonl', 'csv', 'parquet', 'md'] as const).filter(
    (name) => options[name],
  );
  if (other) refuseTogether(options, format, other);
  refuseTogether(options, 'select', 'groupBy');
  refuseTogether(options, 'select', 'agg');
  const [text, extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'query' });
  const known = await resultsOf({ positionals: [], options }, io, text);
  const sorted = queryTable(options, known, io);
  const limit = options.limit;
  const table = limit === undefined ? sorted : { ...sorted, rows: sorted.rows.slice(0, limit) };
  await writeTable(table, format, io);
  const marked = table.earlier ? table.columns : [];
  tellEarlier(
    marked.map((column) => ({ column, values: earlierValues(known.results, parseColumnName(column)) })),
    io,
  );
  tellLeftOut(table.leftOut, io);
  return 0;
}

/** The rows of a query in their order: runs by any column, groups by one of the table. */
function queryTable(options: QueryOptions, known: KnownRuns, io: Io): ResultTable {
  const { results } = known;
  const groups = options.groupBy;
  const sort = options.sort;
  const descending = options.reverse;
  const aggregates = options.agg.flatMap((one) => parseAggregates(one, known, io));
  if (groups === undefined && aggregates.length === 0) {
    const select = options.select;
    const columns =
      select === undefined
        ? chosenColumns(results, options.attempts === 'all')
        : lookUpColumns(known, writtenColumns(select, '--select'), io);
    const [by] = sort === undefined ? [] : lookUpColumns(known, writtenColumns(sort, '--sort'), io);
    return tableOf(by ? sortByValue(results, (one) => resultValue(one, by), descending) : results, columns);
  }
  const keys = groups === undefined ? [] : lookUpColumns(known, writtenColumns(groups, '--group-by'), io);
  const table = groupedTable(results, keys, aggregates.length > 0 ? aggregates : meansOf(results));
  return sort === undefined ? table : (sortedTable(table, sort, descending) ?? unknownSort(sort, table));
}

/** `mean:train.loss,min:test.acc@max`. Throws `bad-option-value` or `unknown-column`. */
function parseAggregates(text: string, known: KnownRuns, io: Io): AggregateColumn[] {
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
    return lookUpColumns(known, [column], io).map((found) => ({ aggregator, column: found }));
  });
}

const meansOf = (results: readonly RunResult[]): AggregateColumn[] =>
  metricNames(results).map((name) => ({ aggregator: 'mean', column: parseColumnName(name) }));

/** The run, what was swept, and what the metrics were last. */
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
