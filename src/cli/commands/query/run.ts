import { type ParsedArgs, refuseTogether } from '../../../arguments/index.js';
import { fail } from '../../../failures/index.js';
import { parseColumnName, queryTable } from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { writeTable } from '../../output/query-output.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { earlierValues, noteEarlier, noteLeftOut } from '../../selecting/result-notes.js';
import { resultsOf } from '../../selecting/run-results.js';
import type { QueryOptions } from './spec.js';

/**
 * `mlx query [EXPR]`: prints a table of runs or of groups of runs. Writes nothing except the store's index.
 */
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
  const request = {
    select: options.select,
    groupBy: options.groupBy,
    aggregates: options.agg,
    sort: options.sort,
    descending: options.reverse,
    isOfAttempts: options.attempts === 'all',
  };
  const sorted = queryTable(known, request, (columns) => lookUpColumns(known, columns, io));
  const { limit } = options;
  const table = limit === undefined ? sorted : { ...sorted, rows: sorted.rows.slice(0, limit) };
  await writeTable(table, format, io);
  const marked = table.earlier ? table.columns : [];
  noteEarlier(
    marked.map((column) => ({ column, values: earlierValues(known.results, parseColumnName(column)) })),
    io,
  );
  noteLeftOut(table.leftOut, io);
  return 0;
}
