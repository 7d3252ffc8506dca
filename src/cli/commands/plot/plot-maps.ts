import { extname, resolve } from 'node:path';
import { refuseTogether } from '../../../arguments/index.js';
import { writeFileAtomic } from '../../../core/atomic-file.js';
import { shortNumber } from '../../../core/number-text.js';
import { displayPath } from '../../../core/paths.js';
import { printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { fail } from '../../../failures/index.js';
import { type HeatMap, heatMapOf } from '../../../plots/index.js';
import { type Column, type KnownRuns, type WrittenColumn, writtenColumns } from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { valueText } from '../../output/query-output.js';
import { painter } from '../../output/style.js';
import { terminalHeatMap } from '../../output/terminal-heat-map.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { notePassedOver, noteWithout } from '../../selecting/result-notes.js';
import type { PlotOptions } from './spec.js';

/** The options of curves that other pictures do not understand. */
const curveOptions = ['x', 'groupBy', 'band', 'logY', 'yMin', 'yMax'] as const;

/** `mlx plot METRIC --heat-map ROWS,COLUMNS`: draws a metric over two columns. Resolves to the exit code. */
export async function plotHeatMap(metric: string, known: KnownRuns, options: PlotOptions, io: Io): Promise<number> {
  for (const other of [...curveOptions, 'parallel'] as const) refuseTogether(options, 'heatMap', other);
  const [shown, row, column, ...more] = columnsOf(
    metric,
    { option: '--heat-map', text: options.heatMap ?? '' },
    known,
    io,
  );
  if (!shown || !row || !column || more.length > 0) {
    const value = options.heatMap ?? '';
    const expected = 'two columns, such as optimizer.lr,model';
    return fail({ reason: 'bad-option-value', option: '--heat-map', value, expected, near: undefined });
  }
  const map = heatMapOf(known.results, shown, [row, column]);
  if (!map.range) return noteNothing(metric, io);
  const output = options.output;
  if (output === undefined) {
    io.stdout.write(terminalHeatMap(map, (value) => valueText(value, ''), painter(io.stdout, io.env)));
  } else {
    const { svgHeatMap } = await import('../../../plots/index.js');
    const what = plural(map.rows.length * map.columns.length, 'cell');
    await writeDrawing(output, { svg: svgHeatMap(map) ?? '', title: metric }, what, io);
  }
  const values = map.cells.flat().flatMap((cell) => cell?.value ?? []);
  noteBeyond(values, map.range, 'cell', io);
  const without = map.cells.flat().reduce((sum, cell) => sum + (cell?.without ?? 0), 0);
  noteWithout(without - notePassedOver(known.results, shown, io), metric, io);
  return 0;
}

/**
 * `mlx plot METRIC --parallel COLUMNS`: draws each run as a line through its values of some columns. Resolves
 * to the exit code.
 */
export async function plotParallel(metric: string, known: KnownRuns, options: PlotOptions, io: Io): Promise<number> {
  for (const other of curveOptions) refuseTogether(options, 'parallel', other);
  const output = options.output;
  if (output === undefined) {
    return fail({ reason: 'missing-argument', argument: '-o FILE', command: 'plot --parallel' });
  }
  const [shown, ...columns] = columnsOf(metric, { option: '--parallel', text: options.parallel ?? '' }, known, io);
  if (!shown) return 1;
  const { heatRange, svgParallel } = await import('../../../plots/index.js');
  const { svg, without, values } = svgParallel(known.results, shown, columns);
  if (svg === undefined) return noteNothing(metric, io);
  await writeDrawing(output, { svg, title: metric }, plural(known.results.length - without, 'run'), io);
  noteBeyond(values, heatRange(values), 'run', io);
  noteWithout(without - notePassedOver(known.results, shown, io), metric, io);
  return 0;
}

/** Says how many values lie beyond the scale of colours. */
function noteBeyond(values: readonly number[], range: HeatMap['range'], what: string, io: Io): void {
  const beyond = values.filter((value) => range && Number.isFinite(value) && (value < range[0] || value > range[1]));
  if (!range || beyond.length === 0) return;
  const [least, most] = [Math.min(...beyond), Math.max(...beyond)];
  const to = [
    ...(least < range[0] ? [`down to ${shortNumber(least)}`] : []),
    ...(most > range[1] ? [`up to ${shortNumber(most)}`] : []),
  ];
  io.stderr.write(`note: ${plural(beyond.length, what)} beyond the scale of colours (${to.join(', ')})\n`);
}

/** Returns the column of the metric, and the columns that an option names. */
function columnsOf(
  metric: string,
  { option, text }: { readonly option: string; readonly text: string },
  known: KnownRuns,
  io: Io,
): (WrittenColumn & Column)[] {
  const columns = [...writtenColumns(metric, 'METRIC'), ...writtenColumns(text, option)];
  return lookUpColumns(known, columns, io);
}

/** Writes an SVG: into a page, as PNG or as it is, by the name of the file. */
async function writeDrawing(
  output: string,
  { svg, title }: { readonly svg: string; readonly title: string },
  what: string,
  io: Io,
): Promise<void> {
  const { htmlPicture } = await import('../../../plots/index.js');
  await writePicture(output, extname(output) === '.html' ? htmlPicture(title, svg) : svg, what, io);
}

/** Writes a page or an SVG, or draws the SVG as PNG, and prints the path. `what` says how much is in it. */
export async function writePicture(output: string, text: string, what: string, io: Io): Promise<void> {
  const path = resolve(io.cwd, output);
  const content = extname(output) === '.png' ? await (await import('../../../plots/index.js')).pngOf(text) : text;
  writeFileAtomic(path, content);
  io.stderr.write(`${what} in ${printableLine(displayPath(path, io.cwd))}\n`);
}

/** Says that there is nothing to draw. Returns the exit code. */
export function noteNothing(metric: string, io: Io): number {
  io.stderr.write(`there is no number of ${printableLine(metric)} to draw\n`);
  return 1;
}
