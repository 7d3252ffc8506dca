import { extname, resolve } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { fail } from '../../core/failure.js';
import { displayPath } from '../../core/paths.js';
import { plural, printableLine } from '../../core/text.js';
import {
  checkColumns,
  columnText,
  differingKeys,
  parseColumnName,
  type RunResult,
  resultValue,
  writtenColumns,
} from '../../reader/index.js';
import { type Band, type Curve, heatMapOf, type PlotPicture, readCurves } from '../../reader/plots.js';
import type { Io, ParsedArgs } from '../command.js';
import { painter } from '../output/style.js';
import { terminalHeatMap } from '../output/terminal-heat-map.js';
import { terminalPlot } from '../output/terminal-plot.js';
import { refuseTogether } from '../parse-args.js';
import { resultsOf } from './query.js';
import { valueText } from './query-output.js';
import { idsText } from './tell-outcome.js';

/** Points of a curve that a terminal, and that a page, can show. */
const terminalPoints = 600;
const pagePoints = 4000;
const terminalHeight = 18;

/** `mlx plot METRIC`: curves of runs or groups in the terminal, or with `-o` in a file. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const [metric, expression, extra] = parsed.positionals;
  if (metric === undefined) return fail({ reason: 'missing-argument', argument: 'METRIC', command: 'plot' });
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'plot' });
  const output = parsed.text('output');
  const kind = output === undefined ? undefined : extname(output);
  if (output !== undefined && kind !== '.svg' && kind !== '.png' && kind !== '.html') {
    fail({
      reason: 'bad-option-value',
      option: '--output',
      value: output,
      expected: 'a name that ends in .svg, .png or .html',
      near: undefined,
    });
  }
  const results = await resultsOf({ ...parsed, positionals: [] }, io, expression);
  if (results.length === 0) return 1;
  if (parsed.has('heat-map')) return heatMap(metric, results, parsed, io);
  checkColumns(results, writtenColumns(metric, 'METRIC'));
  const groupBy = parsed.has('group-by') ? writtenColumns(parsed.text('group-by') ?? '', '--group-by') : undefined;
  if (groupBy) checkColumns(results, groupBy);
  const logY = parsed.has('log-y');
  const band = parsed.text('band') as Band | undefined;
  if (band && !groupBy) fail({ reason: 'missing-argument', argument: '--group-by', command: 'plot --band' });
  const { curves, x } = readCurves(results, {
    metric,
    x: parsed.text('x'),
    groupBy,
    band,
    logY,
    most: output === undefined ? terminalPoints : pagePoints,
  });
  const names = curves.map((curve) => curveName(curve, results, groupBy?.map(columnText)));
  const title = `${metric}${band ? `, mean ± ${band}` : groupBy ? ', mean' : ''}${logY ? ', log' : ''}`;
  const picture: PlotPicture = { title, xLabel: x, yLabel: metric, curves, names, logY };
  if (output === undefined) {
    const width = Math.min(160, Math.max(40, io.stdout.columns ?? 80));
    const shape = { ...picture, width, height: terminalHeight };
    const text = terminalPlot(shape, painter(io.stdout, io.env));
    if (text === undefined) return nothing(metric, io);
    io.stdout.write(text);
  } else {
    const { htmlPlot, svgPlot } = await import('../../reader/plots.js');
    const text = kind === '.html' ? htmlPlot(picture) : svgPlot(picture);
    if (text === undefined) return nothing(metric, io);
    await writePicture(output, text, plural(curves.length, 'curve'), io);
  }
  tellGaps(curves, results, metric, logY, io);
  return 0;
}

/** Writes a page or an SVG as it is, or as PNG what the SVG shows. */
async function writePicture(output: string, text: string, what: string, io: Io): Promise<void> {
  const path = resolve(io.cwd, output);
  const { pngOf } = await import('../../reader/png.js');
  writeFileAtomic(path, extname(output) === '.png' ? await pngOf(text) : text);
  io.stderr.write(`${what} in ${printableLine(displayPath(path, io.cwd))}\n`);
}

async function heatMap(metric: string, results: readonly RunResult[], parsed: ParsedArgs, io: Io): Promise<number> {
  for (const other of ['x', 'group-by', 'band', 'log-y']) refuseTogether(parsed, 'heat-map', other);
  const value = parsed.text('heat-map') ?? '';
  const axes = writtenColumns(value, '--heat-map');
  const [row, column] = axes;
  const [shown] = writtenColumns(metric, 'METRIC');
  if (!row || !column || axes.length > 2) {
    const expected = 'two columns, such as optimizer.lr,model';
    return fail({ reason: 'bad-option-value', option: '--heat-map', value, expected, near: undefined });
  }
  if (!shown) return 1;
  checkColumns(results, [shown, row, column]);
  const map = heatMapOf(results, shown, [row, column]);
  if (!map.range) return nothing(metric, io);
  const output = parsed.text('output');
  if (output === undefined) {
    const text = (one: Curve['key'][number]) => valueText(one, '');
    io.stdout.write(terminalHeatMap(map, text, painter(io.stdout, io.env)));
  } else {
    const { htmlHeatMap, svgHeatMap } = await import('../../reader/plots.js');
    const text = (extname(output) === '.html' ? htmlHeatMap : svgHeatMap)(map);
    if (text !== undefined) await writePicture(output, text, plural(map.rows.length * map.columns.length, 'cell'), io);
  }
  const without = map.cells.flat().reduce((sum, cell) => sum + (cell?.without ?? 0), 0);
  if (without > 0) {
    io.stderr.write(
      `note: ${plural(without, 'run')} without a number for ${printableLine(metric)} ${without === 1 ? 'counts' : 'count'} for nothing\n`,
    );
  }
  return 0;
}

function nothing(metric: string, io: Io): number {
  io.stderr.write(`there is no number of ${printableLine(metric)} to draw\n`);
  return 1;
}

/** What tells a curve from the others: its group, or what was swept, and its run. */
function curveName(curve: Curve, results: readonly RunResult[], groups: readonly string[] | undefined): string {
  const pairs = (names: readonly string[], values: Curve['key']) =>
    names.map((name, i) => `${name}=${valueText(values[i], '') || 'none'}`).join(' ');
  if (groups) return `${pairs(groups, curve.key)}  ${curve.runs.length === 1 ? 'run' : 'runs'} ${idsText(curve.runs)}`;
  const result = results.find(({ id }) => id === curve.runs[0]);
  const keys = differingKeys(results).slice(0, 4);
  const values = keys.map((key) => result && resultValue(result, parseColumnName(key)));
  return `run ${curve.runs[0]}  ${pairs(keys, values)}`.trimEnd();
}

/** What is not in the picture is said. */
function tellGaps(
  curves: readonly Curve[],
  results: readonly RunResult[],
  metric: string,
  logY: boolean,
  io: Io,
): void {
  const gaps = curves.reduce((sum, curve) => sum + curve.gaps, 0);
  if (gaps > 0) {
    const what = logY ? 'NaN, infinite or not above 0' : 'NaN or infinite';
    io.stderr.write(
      `note: ${plural(gaps, 'value')} of ${printableLine(metric)} ${gaps === 1 ? 'is' : 'are'} ${what}, and not drawn\n`,
    );
  }
  const lacking = results.filter(({ metrics }) => !metrics.has(metric));
  if (lacking.length > 0)
    io.stderr.write(
      `note: ${plural(lacking.length, 'run')} without ${printableLine(metric)}: ${idsText(lacking.map(({ id }) => id))}\n`,
    );
}
