import { extname } from 'node:path';
import uniqBy from 'lodash/uniqBy.js';
import { fail } from '../../core/failure.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import {
  checkColumns,
  columnText,
  differingKeys,
  parseColumnName,
  type RunResult,
  resultValue,
  writtenColumns,
} from '../../reader/index.js';
import { type Band, type Curve, type PlotPicture, readCurves } from '../../reader/plots.js';
import type { Io, ParsedArgs } from '../command.js';
import { painter } from '../output/style.js';
import { terminalPlot } from '../output/terminal-plot.js';
import { plotHeatMap, plotParallel, tellNothing, writePicture } from './plot-maps.js';
import { resultsOf } from './query.js';
import { valueText } from './query-output.js';
import { idsText } from './tell-outcome.js';
import { earlierValues, tellEarlier, tellPassedOver } from './tell-results.js';

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
  if (parsed.has('heat-map')) return plotHeatMap(metric, results, parsed, io);
  if (parsed.has('parallel')) return plotParallel(metric, results, parsed, io);
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
    if (text === undefined) return tellNothing(metric, io);
    io.stdout.write(text);
  } else {
    const { htmlPlot, svgPlot } = await import('../../reader/plots.js');
    const text = kind === '.html' ? htmlPlot(picture) : svgPlot(picture);
    if (text === undefined) return tellNothing(metric, io);
    await writePicture(output, text, plural(curves.length, 'curve'), io);
  }
  const column = parseColumnName(metric);
  if (groupBy) tellPassedOver(results, column, io);
  else tellEarlier(metric, earlierValues(results, column), io);
  tellGaps(curves, results, metric, logY, io);
  return 0;
}

/** What tells a curve from the others: its group, or what was swept, and its run. */
function curveName(curve: Curve, results: readonly RunResult[], groups: readonly string[] | undefined): string {
  const pairs = (names: readonly string[], values: Curve['key']) =>
    names.map((name, i) => `${name}=${valueText(values[i], '') || 'none'}`).join(' ');
  if (groups) return `${pairs(groups, curve.key)}  ${curve.runs.length === 1 ? 'run' : 'runs'} ${idsText(curve.runs)}`;
  const result = results.find(({ id }) => id === curve.runs[0]);
  const keys = differingKeys(results).slice(0, 4);
  const values = keys.map((key) => result && resultValue(result, parseColumnName(key)));
  const attempt = curve.attempt === undefined ? '' : ` attempt ${curve.attempt}`;
  return `run ${curve.runs[0]}${attempt}  ${pairs(keys, values)}`.trimEnd();
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
  const drawn = new Set(results.flatMap(({ id, metrics }) => (metrics.has(metric) ? [id] : [])));
  const lacking = uniqBy(
    results.filter(({ id }) => !drawn.has(id)),
    'id',
  );
  if (lacking.length > 0)
    io.stderr.write(
      `note: ${plural(lacking.length, 'run')} without ${printableLine(metric)}: ${idsText(lacking.map(({ id }) => id))}\n`,
    );
}
