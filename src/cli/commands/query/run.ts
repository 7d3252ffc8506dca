import { nearest, nearestSome } from '../../../core/suggest.js';
import { parseExpression } from '../../../expression/index.js';
import { fail } from '../../../failures/index.js';
import {
  type AggregateColumn,
  type AttemptMode,
  aggregators,
  attemptModes,
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
  resolveExpression,
  resultsOfAttempts,
  resultValue,
  sortByValue,
  sortedTable,
  sweptKeys,
  tableOf,
  writtenColumns,
} from '../../../results/index.js';
import type { Settings } from '../../../settings/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { writeTable } from '../../output/query-output.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { namedRuns } from '../../selecting/selection.js';
import {
  earlierValues,
  tellBrokenMetrics,
  tellEarlier,
  tellLeftOut,
  tellNoMatch,
  tellTwoMeanings,
  tellUnreadable,
} from '../../selecting/tell-results.js';

/** `mlx query [EXPR]`: what runs have come to, one by one or in groups. Nothing is written but to stdout, and the index. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const formats = ['table', 'json', 'jsonl', 'csv', 'parquet', 'md'].filter((name) => parsed.has(name));
  if (formats.length > 1) refuseTogether(parsed, formats[0] ?? '', formats[1] ?? '');
  refuseTogether(parsed, 'select', 'group-by');
  refuseTogether(parsed, 'select', 'agg');
  const [text, extra] = parsed.positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'query' });
  const known = await resultsOf({ ...parsed, positionals: [] }, io, text);
  const sorted = queryTable(parsed, known, io);
  const limit = parsed.number('limit');
  const table = limit === undefined ? sorted : { ...sorted, rows: sorted.rows.slice(0, limit) };
  await writeTable(table, (formats[0] ?? 'table') as Parameters<typeof writeTable>[1], io);
  const marked = table.earlier ? table.columns : [];
  tellEarlier(
    marked.map((column) => ({ column, values: earlierValues(known.results, parseColumnName(column)) })),
    io,
  );
  tellLeftOut(table.leftOut, io);
  return 0;
}

/** The results of the runs that the options and an expression select; what is wrong with their files is told. */
export async function resultsOf(parsed: ParsedArgs, io: Io, text?: string): Promise<KnownRuns> {
  const expression = text === undefined ? undefined : parseExpression(text);
  const selection = await namedRuns(parsed, io);
  const mode = attemptModeOf(parsed, selection.settings);
  const usual = selection.known();
  const known = { ...usual, results: usual.results.flatMap((result) => resultsOfAttempts(result, mode)) };
  tellBrokenMetrics(known.results, io);
  tellUnreadable(known.results, io);
  if (!expression) {
    if (known.results.length === 0) tellNoMatch([], undefined, io);
    return known;
  }
  const { columns, keep } = resolveExpression(known, expression);
  tellTwoMeanings(columns, io);
  const results = known.results.filter(keep);
  if (results.length === 0) tellNoMatch(known.results, expression, io);
  return { ...known, results };
}

/** Which attempts metrics are of: `--attempts`, else the setting. */
function attemptModeOf(parsed: ParsedArgs, { results }: Settings): AttemptMode {
  const word = parsed.text('attempts') ?? results.attempts;
  return attemptModes.find((mode) => mode === word) ?? 'path';
}

/** The rows of a query in their order: runs by any column, groups by one of the table. */
function queryTable(parsed: ParsedArgs, known: KnownRuns, io: Io): ResultTable {
  const { results } = known;
  const groups = parsed.text('group-by');
  const sort = parsed.text('sort');
  const descending = parsed.has('reverse');
  const aggregates = parsed.list('agg').flatMap((one) => parseAggregates(one, known, io));
  if (groups === undefined && aggregates.length === 0) {
    const select = parsed.text('select');
    const columns =
      select === undefined
        ? chosenColumns(results, parsed.text('attempts') === 'all')
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
