import { fail } from '../../core/failure.js';
import { nearest } from '../../core/suggest.js';
import { parseExpression } from '../../expression/index.js';
import { readRun } from '../../logger/index.js';
import {
  type AggregateColumn,
  type AttemptMode,
  aggregators,
  attemptModes,
  checkColumns,
  differingKeys,
  groupedTable,
  isAggregator,
  matchingResults,
  metricNames,
  parseColumnName,
  type ResultTable,
  type RunResult,
  readResults,
  resultsOfAttempts,
  sortedTable,
  tableOf,
  writtenColumns,
} from '../../reader/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { writeTable } from './query-output.js';
import { namedRuns } from './selection.js';
import { settingsOf } from './store-option.js';
import { earlierValues, tellEarlier, tellLeftOut, tellNoMatch, tellProblems } from './tell-results.js';

/** `mlx query [EXPR]`: what runs have come to, one by one or in groups. Nothing is written but to stdout, and the index. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const formats = ['table', 'json', 'jsonl', 'csv', 'parquet', 'md'].filter((name) => parsed.has(name));
  if (formats.length > 1) refuseTogether(parsed, formats[0] ?? '', formats[1] ?? '');
  refuseTogether(parsed, 'select', 'group-by');
  refuseTogether(parsed, 'select', 'agg');
  const [text, extra] = parsed.positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'query' });
  const results = await resultsOf({ ...parsed, positionals: [] }, io, text);
  const made = queryTable(parsed, results);
  const sort = parsed.text('sort');
  const sorted = sort === undefined ? made : sortedTable(made, sort, parsed.has('reverse'));
  if (!sorted) return unknownSort(sort ?? '', made);
  const limit = parsed.number('limit');
  const table = limit === undefined ? sorted : { ...sorted, rows: sorted.rows.slice(0, limit) };
  await writeTable(table, (formats[0] ?? 'table') as Parameters<typeof writeTable>[1], io);
  for (const column of table.earlier ? table.columns : []) {
    tellEarlier(column, earlierValues(results, parseColumnName(column)), io);
  }
  tellLeftOut(table.leftOut, io);
  return 0;
}

/** The results of the runs that the options and an expression select; what is wrong with their files is told. */
export async function resultsOf(parsed: ParsedArgs, io: Io, text?: string): Promise<readonly RunResult[]> {
  const expression = text === undefined ? undefined : parseExpression(text);
  const { store, view, runs } = await namedRuns(parsed, io);
  const mode = await attemptModeOf(parsed, io);
  const usual = readResults(store, runs, (id) => readRun(store, id, view.answers));
  const read = { ...usual, results: usual.results.flatMap((result) => resultsOfAttempts(result, mode)) };
  tellProblems(read, io);
  const matching = expression ? matchingResults(read.results, expression) : read.results;
  if (matching.length === 0) tellNoMatch(read.results, expression, io);
  return matching;
}

/** Which attempts metrics are of: `--attempts`, else the setting. */
async function attemptModeOf(parsed: ParsedArgs, io: Io): Promise<AttemptMode> {
  const word = parsed.text('attempts') ?? (await settingsOf(parsed, io)).results.attempts;
  return attemptModes.find((mode) => mode === word) ?? 'path';
}

function queryTable(parsed: ParsedArgs, results: readonly RunResult[]): ResultTable {
  const groups = parsed.text('group-by');
  const aggregates = parsed.list('agg').flatMap((one) => parseAggregates(one, results));
  if (groups === undefined && aggregates.length === 0) {
    const select = parsed.text('select');
    const columns =
      select === undefined
        ? chosenColumns(results, parsed.text('attempts') === 'all')
        : writtenColumns(select, '--select');
    if (select !== undefined) checkColumns(results, writtenColumns(select, '--select'));
    return tableOf(results, columns);
  }
  const keys = groups === undefined ? [] : writtenColumns(groups, '--group-by');
  checkColumns(results, keys);
  return groupedTable(results, keys, aggregates.length > 0 ? aggregates : meansOf(results));
}

/** `mean:train.loss,min:test.acc@max`. Throws `bad-option-value` or `unknown-column`. */
export function parseAggregates(text: string, results: readonly RunResult[]): AggregateColumn[] {
  return writtenColumns(text, '--agg').map((written) => {
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
    const column = { name, reducer: written.reducer };
    checkColumns(results, [{ ...written, ...column, offset: written.offset + aggregator.length + 1 }]);
    return { aggregator, column };
  });
}

const meansOf = (results: readonly RunResult[]): AggregateColumn[] =>
  metricNames(results).map((name) => ({ aggregator: 'mean', column: parseColumnName(name) }));

/** The run, what was swept, and what the metrics were last. */
function chosenColumns(results: readonly RunResult[], isOfAttempts: boolean) {
  return [
    'run',
    ...(isOfAttempts ? ['attempt'] : []),
    'status',
    ...differingKeys(results),
    ...metricNames(results),
  ].map(parseColumnName);
}

function unknownSort(column: string, { columns }: ResultTable): never {
  return fail({
    reason: 'unknown-column',
    span: { source: { name: '--sort', text: column }, offset: 0, length: Math.max(1, column.length) },
    column,
    near: nearest(column, columns),
  });
}
