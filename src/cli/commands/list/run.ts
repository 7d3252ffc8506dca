import sum from 'lodash/sum.js';
import { type ParsedArgs, refuseTogether } from '../../../arguments/index.js';
import { displayPath } from '../../../core/paths.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { widthOf } from '../../../core/width.js';
import {
  chosenColumns,
  type KnownRuns,
  type ListColumn,
  type ListedRun,
  lastMetricColumn,
  listedRun,
  longColumns,
  namedColumns,
  sortRuns,
  writtenColumns,
} from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { csvText } from '../../output/csv.js';
import { leftOutText, metricColumns, namesThatFit } from '../../output/metric-columns.js';
import { countsText, overviewText } from '../../output/overview.js';
import { runData } from '../../output/run-data.js';
import { painter } from '../../output/style.js';
import { type Cell, cutTo, renderTable } from '../../output/table.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { noteEarlier, warnOfProblems } from '../../selecting/result-notes.js';
import { namedRuns } from '../../selecting/selection.js';
import { cellOf } from './cells.js';
import type { ListOptions } from './spec.js';

/** Rows of a listing without a terminal, which has no screen to fill. */
const rowsWithoutTerminal = 100;
/** Lines of a screen that do not show runs: heading, closing line, the next prompt. */
const otherLines = 4;
/** The metrics of more runs than this are read only if the user asks for them. */
const mostWithMetrics = 1000;
const widthWithoutTerminal = 200;
/** Blanks between two columns, and the least width that a reason is cut to. */
const columnGap = 2;
const leastReason = 20;

/**
 * `mlx list`: one line per run, or counts and errors if the runs do not fit on the screen. With `--watch`,
 * draws the list again and again.
 */
export async function run(parsed: ParsedArgs<ListOptions>, io: Io): Promise<number> {
  const { options } = parsed;
  refuseTogether(options, 'long', 'columns');
  if (!options.watch) return list(parsed, io);
  for (const option of ['json', 'csv'] as const) refuseTogether(options, 'watch', option);
  const { redraw } = await import('./redraw.js');
  return redraw((screen) => list(parsed, { ...io, stdout: screen, stderr: screen }), io.stdout);
}

async function list(parsed: ParsedArgs<ListOptions>, io: Io): Promise<number> {
  const { options } = parsed;
  const selection = await namedRuns(parsed, io);
  const { store, view } = selection;
  const matching = selection.runs;
  const limit = options.limit;
  const asked = options.columns;
  const sort = options.sort;
  const full = options.json || options.csv;
  const screen = io.stdout.isTTY ? Math.max(1, (io.stdout.rows ?? 24) - otherLines) : rowsWithoutTerminal;
  const cut = !full && !options.all && limit === undefined && matching.length > screen;
  if (matching.length === 0 && !full) {
    io.stderr.write(`no run matched; there are ${countsText(selection.all)}\n`);
    return 0;
  }
  if (cut && asked === undefined && sort === undefined) {
    io.stdout.write(overviewText(matching, { name: displayPath(store, io.cwd), paint: painter(io.stdout, io.env) }));
    return 0;
  }
  const readListed = (ids: readonly number[]) => ids.flatMap((id) => view.read(id) ?? []).map(listedRun);
  if (options.long || asked?.split(',').includes('place')) {
    const ids = matching.flatMap(({ id, status }) => (status === 'QUEUED' ? id : []));
    const waiting = ids.flatMap((id) => view.read(id) ?? []);
    await view.askQueuePositions(waiting.filter((one) => one.kind === 'run'));
  }
  const ids = matching.map(({ id }) => id);
  const { known } = selection;
  const descending = options.reverse;
  const sorted =
    sort === undefined
      ? readListed((descending ? ids.reverse() : ids).slice(0, limit))
      : sortRuns(readListed(ids), columnsNamed(sort, '--sort', known(), io)[0], descending).slice(0, limit);
  const chosen = options.long ? longColumns : chosenColumns;
  const columns = asked === undefined ? chosen(sorted) : columnsNamed(asked, '--columns', known(), io);
  if (options.json) io.stdout.write(`${jsonText(jsonOf(sorted, asked === undefined ? undefined : columns))}\n`);
  else if (options.csv) io.stdout.write(csvOf(sorted, columns, io));
  else {
    const shown = cut ? sorted.slice(0, screen) : sorted;
    const formatted = columns.map((column) => formatColumn(column, shown));
    const all = asked === undefined && !options.long ? withMetrics(formatted, shown, io) : formatted;
    io.stdout.write(tableOf(shown, all, io));
    noteEarlier(
      all.map(({ column }) => ({ column: column.name, values: earlierOf(shown, column) })),
      io,
    );
    if (cut) io.stdout.write(`… and ${sorted.length - shown.length} more: --all shows every run\n`);
  }
  return 0;
}

/** Returns the columns that `--columns` or `--sort` names. Warns about files that can't be read. */
function columnsNamed(text: string, option: string, known: KnownRuns, io: Io): ListColumn[] {
  const columns = lookUpColumns(known, writtenColumns(text, option), io);
  warnOfProblems(known.results, columns, io);
  return namedColumns(columns, known);
}

/**
 * Returns the columns with the last values of metrics among them, as far as there is room, and says which
 * metrics are missing. Reasons are cut, and the start is dropped, if otherwise not even the first metric
 * fits.
 */
function withMetrics(
  columns: readonly FormattedColumn[],
  runs: readonly ListedRun[],
  io: Io,
): readonly FormattedColumn[] {
  if (runs.length > mostWithMetrics) return columns;
  const metrics = metricColumns(runs.map((one) => one.metrics().values));
  const screen = io.stdout.columns ?? widthWithoutTerminal;
  const taken = sum(
    columns.map(({ column, width }) => (column.name === 'reason' ? Math.min(width, leastReason) : width)),
  );
  const started = columns.find(({ column }) => column.name === 'started');
  const isTight = started !== undefined && taken + (metrics[0]?.width ?? 0) > screen;
  const room = screen - taken + (isTight ? started.width : 0);
  const names = namesThatFit(metrics, room);
  const dropped = isTight && (names.length > 0 || taken > screen) ? ['started'] : [];
  const leftOut = [...dropped, ...metrics.slice(names.length).map(({ name }) => name)];
  if (leftOut.length > 0)
    io.stderr.write(
      leftOutText(
        leftOut,
        runs.map(({ run }) => run.id),
      ),
    );
  const kept = columns.filter(({ column }) => !dropped.includes(column.name));
  // Errors and reasons are the widest, and stand last.
  const end = kept.findIndex(({ column }) => column.name === 'exit_code' || column.name === 'reason');
  const [before, after] = end === -1 ? [kept, []] : [kept.slice(0, end), kept.slice(end)];
  return [...before, ...names.map((name) => formatColumn(lastMetricColumn(name), runs)), ...after];
}

/** A column as text: each run's cell, made once. */
interface FormattedColumn {
  readonly column: ListColumn;
  readonly cells: readonly Cell[];
  /** With the gap after it. */
  readonly width: number;
}

function formatColumn(column: ListColumn, runs: readonly ListedRun[]): FormattedColumn {
  const cells = runs.map((one) => cellOf(column, one));
  const texts = [column.name, ...cells.map(({ text }) => text)];
  const widest = texts.reduce((width, text) => Math.max(width, widthOf(printableLine(text))), 0);
  return { column, cells, width: widest + columnGap };
}

const earlierOf = (runs: readonly ListedRun[], { earlier }: ListColumn) =>
  runs.flatMap((one) => {
    const attempt = earlier?.(one);
    return attempt === undefined ? [] : [{ run: one.run.id, attempt }];
  });

function jsonOf(runs: readonly ListedRun[], columns: readonly ListColumn[] | undefined): object[] {
  if (!columns) return runs.map(({ run }) => runData(run));
  return runs.map((one) => Object.fromEntries(columns.map(({ name, get }) => [name, get(one) ?? null])));
}

function csvOf(runs: readonly ListedRun[], columns: readonly ListColumn[], io: Io): string {
  const rows = runs.map((one) => columns.map(({ get }) => get(one)));
  return csvText([columns.map(({ name }) => name), ...rows], io.stdout);
}

/** Returns the table. On a terminal, its last column is cut to the rest of the line. */
function tableOf(runs: readonly ListedRun[], columns: readonly FormattedColumn[], io: Io): string {
  const before = sum(columns.slice(0, -1).map(({ width }) => width));
  const left = Math.max(leastReason, (io.stdout.columns ?? Number.POSITIVE_INFINITY) - before);
  const isLast = (column: FormattedColumn) => column === columns.at(-1);
  const rows = runs.map((_, row) =>
    columns.map((one) => {
      const { text = '', ...style } = one.cells[row] ?? {};
      return { ...style, text: isLast(one) ? cutTo(text, left) : text };
    }),
  );
  return renderTable(
    columns.map(({ column }) => column.name),
    rows,
    painter(io.stdout, io.env),
  );
}
