import { extname, resolve } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { fail } from '../../core/failure.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { checkColumns, type RunResult, type WrittenColumn, writtenColumns } from '../../reader/index.js';
import { heatMapOf } from '../../reader/plots.js';
import type { Io, ParsedArgs } from '../command.js';
import { painter } from '../output/style.js';
import { terminalHeatMap } from '../output/terminal-heat-map.js';
import { refuseTogether } from '../parse-args.js';
import { valueText } from './query-output.js';
import { tellPassedOver, tellWithout } from './tell-results.js';

/** Options of curves, which other pictures have no use for. */
const curveOptions = ['x', 'group-by', 'band', 'log-y'];

/** `mlx plot METRIC --heat-map ROWS,COLUMNS`: a metric over two columns. */
export async function plotHeatMap(
  metric: string,
  results: readonly RunResult[],
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  for (const other of [...curveOptions, 'parallel']) refuseTogether(parsed, 'heat-map', other);
  const [shown, row, column, ...more] = columnsOf(metric, '--heat-map', results, parsed);
  if (!shown || !row || !column || more.length > 0) {
    const value = parsed.text('heat-map') ?? '';
    const expected = 'two columns, such as optimizer.lr,model';
    return fail({ reason: 'bad-option-value', option: '--heat-map', value, expected, near: undefined });
  }
  const map = heatMapOf(results, shown, [row, column]);
  if (!map.range) return tellNothing(metric, io);
  const output = parsed.text('output');
  if (output === undefined) {
    io.stdout.write(terminalHeatMap(map, (value) => valueText(value, ''), painter(io.stdout, io.env)));
  } else {
    const { svgHeatMap } = await import('../../reader/plots.js');
    const what = plural(map.rows.length * map.columns.length, 'cell');
    await writeDrawing(output, svgHeatMap(map) ?? '', metric, what, io);
  }
  const without = map.cells.flat().reduce((sum, cell) => sum + (cell?.without ?? 0), 0);
  tellWithout(without - tellPassedOver(results, shown, io), metric, io);
  return 0;
}

/** `mlx plot METRIC --parallel COLUMNS`: each run as a line through its values of some columns. */
export async function plotParallel(
  metric: string,
  results: readonly RunResult[],
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  for (const other of curveOptions) refuseTogether(parsed, 'parallel', other);
  const output = parsed.text('output');
  if (output === undefined) {
    return fail({ reason: 'missing-argument', argument: '-o FILE', command: 'plot --parallel' });
  }
  const [shown, ...columns] = columnsOf(metric, '--parallel', results, parsed);
  if (!shown) return 1;
  const { svgParallel } = await import('../../reader/plots.js');
  const { svg, without } = svgParallel(results, shown, columns);
  if (svg === undefined) return tellNothing(metric, io);
  await writeDrawing(output, svg, metric, plural(results.length - without, 'run'), io);
  tellWithout(without - tellPassedOver(results, shown, io), metric, io);
  return 0;
}

/** The metric, and the columns that an option names. */
function columnsOf(
  metric: string,
  option: string,
  results: readonly RunResult[],
  parsed: ParsedArgs,
): readonly WrittenColumn[] {
  const columns = [
    ...writtenColumns(metric, 'METRIC'),
    ...writtenColumns(parsed.text(option.replace(/^--/, '')) ?? '', option),
  ];
  checkColumns(results, columns);
  return columns;
}

/** Writes an SVG, or what shows it. */
async function writeDrawing(output: string, svg: string, title: string, what: string, io: Io): Promise<void> {
  const { htmlPicture } = await import('../../reader/plots.js');
  await writePicture(output, extname(output) === '.html' ? htmlPicture(title, svg) : svg, what, io);
}

/** Writes a page or an SVG as it is, or as PNG what the SVG shows. */
export async function writePicture(output: string, text: string, what: string, io: Io): Promise<void> {
  const path = resolve(io.cwd, output);
  const content = extname(output) === '.png' ? await (await import('../../reader/png.js')).pngOf(text) : text;
  writeFileAtomic(path, content);
  io.stderr.write(`${what} in ${printableLine(displayPath(path, io.cwd))}\n`);
}

export function tellNothing(metric: string, io: Io): number {
  io.stderr.write(`there is no number of ${printableLine(metric)} to draw\n`);
  return 1;
}
