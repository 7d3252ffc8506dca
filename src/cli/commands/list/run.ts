import sum from 'lodash/sum.js';
import { displayPath } from '../../../core/paths.js';
import { printableLine } from '../../../core/text.js';

import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { csvLine } from '../../output/csv.js';
import { leftOutText, metricColumns, namesThatFit } from '../../output/metric-columns.js';
import { countsText, overviewText } from '../../output/overview.js';
import { painter } from '../../output/style.js';
import { type Cell, cutTo, renderTable, widthOf } from '../../output/table.js';
import { runData } from '../../selecting/run-data.js';
import { namedRuns } from '../../selecting/selection.js';
import { tellEarlier } from '../../selecting/tell-results.js';
import {
  type Column,
  cellOf,
  chosenColumns,
  columnsNamed,
  type ListedRun,
  listedRun,
  longColumns,
  metricColumn,
  sortRuns,
} from './list-columns.js';

/** Without a terminal there is no screen to fill; as many runs as this are still a list that is read. */
const rowsWithoutTerminal = 100;
/** Lines of a screen that are not for runs: heading, closing line, the next prompt. */
const otherLines = 4;
/** The metrics of more runs than these are not looked up unless they are asked for. */
const mostWithMetrics = 1000;
const widthWithoutTerminal = 200;
/** Blanks between two columns; a reason is not cut to less than the other. */
const columnGap = 2;
const leastReason = 20;

/** `mlx list`: one line per run; of more than a screenful, counts and errors. With `--watch` again and again. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'long', 'columns');
  if (!parsed.has('watch')) return list(parsed, io);
  for (const option of ['json', 'csv']) refuseTogether(parsed, 'watch', option);
  const { redraw } = await import('../../output/redraw.js');
  return redraw((screen) => list(parsed, { ...io, stdout: screen, stderr: screen }), io.stdout);
}

async function list(parsed: ParsedArgs, io: Io): Promise<number> {
  const selection = await namedRuns(parsed, io);
  const { store, view } = selection;
  const matching = selection.runs;
  const limit = parsed.number('limit');
  const asked = parsed.text('columns');
  const sort = parsed.text('sort');
  const full = parsed.has('json') || parsed.has('csv');
  const screen = io.stdout.isTTY ? Math.max(1, (io.stdout.rows ?? 24) - otherLines) : rowsWithoutTerminal;
  const cut = !full && !parsed.has('all') && limit === undefined && matching.length > screen;
  if (matching.length === 0 && !full) {
    io.stderr.write(`no run matched; there are ${countsText(selection.all)}\n`);
    return 0;
  }
  if (cut && asked === undefined && sort === undefined) {
    io.stdout.write(overviewText(matching, { name: displayPath(store, io.cwd), paint: painter(io.stdout, io.env) }));
    return 0;
  }
  const readListed = (ids: readonly number[]) => ids.flatMap((id) => view.read(id) ?? []).map(listedRun);
  if (parsed.has('long') || asked?.split(',').includes('place')) {
    const ids = matching.flatMap(({ id, status }) => (status === 'QUEUED' ? id : []));
    const waiting = ids.flatMap((id) => view.read(id) ?? []);
    await view.askQueuePositions(waiting.filter((one) => one.kind === 'run'));
  }
  const ids = matching.map(({ id }) => id);
  const { known } = selection;
  const descending = parsed.has('reverse');
  const sorted =
    sort === undefined
      ? readListed((descending ? ids.reverse() : ids).slice(0, limit))
      : sortRuns(readListed(ids), sort, { known: known(), descending, io }).slice(0, limit);
  const chosen = parsed.has('long') ? longColumns : chosenColumns;
  const columns = asked === undefined ? chosen(sorted) : columnsNamed(asked, '--columns', known(), io);
  if (parsed.has('json'))
    io.stdout.write(`${JSON.stringify(jsonOf(sorted, asked === undefined ? undefined : columns))}\n`);
  else if (parsed.has('csv')) io.stdout.write(csvOf(sorted, columns));
  else {
    const shown = cut ? sorted.slice(0, screen) : sorted;
    const all = asked === undefined && !parsed.has('long') ? withMetrics(columns, shown, io) : columns;
    io.stdout.write(tableOf(shown, all, io));
    tellEarlier(
      all.map((column) => ({ column: column.name, values: earlierOf(shown, column) })),
      io,
    );
    if (cut) io.stdout.write(`… and ${sorted.length - shown.length} more: --all shows every run\n`);
  }
  return 0;
}

/**
 * Columns with the last values of metrics among them, as many as there is room for; of those that have none it is said so. Reasons are cut, and
 * the start is left out, where else not even the first metric could be shown.
 */
function withMetrics(columns: readonly Column[], runs: readonly ListedRun[], io: Io): readonly Column[] {
  if (runs.length > mostWithMetrics) return columns;
  const metrics = metricColumns(runs.map((one) => one.metrics().values));
  const width = io.stdout.columns ?? widthWithoutTerminal;
  const widthFor = (column: Column) =>
    widestOf([column.name, ...runs.map((one) => cellOf(column, one).text)]) + columnGap;
  const taken = sum(
    columns.map((column) => (column.name === 'reason' ? Math.min(widthFor(column), leastReason) : widthFor(column))),
  );
  const started = columns.find(({ name }) => name === 'started');
  const isTight = started !== undefined && taken + (metrics[0]?.width ?? 0) > width;
  const room = width - taken + (isTight ? widthFor(started) : 0);
  const names = namesThatFit(metrics, room);
  const dropped = isTight && (names.length > 0 || taken > width) ? ['started'] : [];
  const leftOut = [...dropped, ...metrics.slice(names.length).map(({ name }) => name)];
  if (leftOut.length > 0)
    io.stderr.write(
      leftOutText(
        leftOut,
        runs.map(({ run }) => run.id),
      ),
    );
  const kept = columns.filter(({ name }) => !dropped.includes(name));
  // Errors and reasons are the widest, and stand last.
  const place = kept.findIndex(({ name }) => name === 'exit_code' || name === 'reason');
  const [before, after] = place === -1 ? [kept, []] : [kept.slice(0, place), kept.slice(place)];
  return [...before, ...names.map(metricColumn), ...after];
}

const widestOf = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(printableLine(text))));

const earlierOf = (runs: readonly ListedRun[], { earlier }: Column) =>
  runs.flatMap((one) => {
    const attempt = earlier?.(one);
    return attempt === undefined ? [] : [{ run: one.run.id, attempt }];
  });

function jsonOf(runs: readonly ListedRun[], columns: readonly Column[] | undefined): object[] {
  if (!columns) return runs.map(({ run }) => runData(run));
  return runs.map((one) => Object.fromEntries(columns.map(({ name, get }) => [name, get(one) ?? null])));
}

function csvOf(runs: readonly ListedRun[], columns: readonly Column[]): string {
  const lines = runs.map((one) => csvLine(columns.map(({ get }) => get(one))));
  return [csvLine(columns.map(({ name }) => name)), ...lines].join('');
}

/** A table; on a terminal its last column is cut to what is left of a line. */
function tableOf(runs: readonly ListedRun[], columns: readonly Column[], io: Io): string {
  const full = runs.map((one) => columns.map((column): Cell => cellOf(column, one)));
  const before = columns
    .slice(0, -1)
    .map(({ name }, i) => widestOf([name, ...full.map((row) => row[i]?.text ?? '')]) + columnGap);
  const left = Math.max(leastReason, (io.stdout.columns ?? Number.POSITIVE_INFINITY) - sum(before));
  const cells = full.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? { ...cell, text: cutTo(cell.text, left) } : cell)),
  );
  return renderTable(
    columns.map(({ name }) => name),
    cells,
    painter(io.stdout, io.env),
  );
}
