import { extname } from 'node:path';
import uniqBy from 'lodash/uniqBy.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { shortNumber } from '../../../core/number-text.js';
import { printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { fail } from '../../../failures/index.js';
import {
  curveNames,
  type PlotPicture,
  type PlotRange,
  pageRange,
  plotRange,
  readCurves,
  roundedOut,
} from '../../../plots/index.js';
import { parseColumnName, type RunResult, writtenColumns } from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { painter } from '../../output/style.js';
import { terminalPlot } from '../../output/terminal-plot.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { idsText } from '../../selecting/outcome.js';
import { earlierValues, noteEarlier, notePassedOver } from '../../selecting/result-notes.js';
import { resultsOf } from '../../selecting/run-results.js';
import { noteNothing, plotHeatMap, plotParallel, writePicture } from './plot-maps.js';
import type { PlotOptions } from './spec.js';

/** At most this many points of a curve are drawn. */
const terminalPoints = 600;
const pagePoints = 4000;
const terminalHeight = 18;

/** `mlx plot METRIC`: draws curves of runs or groups in the terminal, or with `-o` into a file. */
export async function run({ positionals, options }: ParsedArgs<PlotOptions>, io: Io): Promise<number> {
  const [metric, expression, extra] = positionals;
  if (metric === undefined) return fail({ reason: 'missing-argument', argument: 'METRIC', command: 'plot' });
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'plot' });
  const output = options.output;
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
  const known = await resultsOf({ positionals: [], options }, io, expression);
  const { results } = known;
  if (results.length === 0) return 1;
  if (options.heatMap !== undefined) return plotHeatMap(metric, known, options, io);
  if (options.parallel !== undefined) return plotParallel(metric, known, options, io);
  lookUpColumns(known, writtenColumns(metric, 'METRIC'), io);
  const groupBy =
    options.groupBy !== undefined
      ? lookUpColumns(known, writtenColumns(options.groupBy ?? '', '--group-by'), io)
      : undefined;
  const logY = options.logY;
  const ends = endsOf(options, logY);
  const band = options.band;
  if (band && !groupBy) fail({ reason: 'missing-argument', argument: '--group-by', command: 'plot --band' });
  const { curves, x } = readCurves(results, {
    metric,
    x: options.x,
    groupBy,
    band,
    logY,
    most: output === undefined ? terminalPoints : pagePoints,
  });
  const names = curveNames(
    curves,
    results.filter(({ metrics }) => metrics.has(metric)),
    groupBy,
    (ids) => `${ids.length === 1 ? 'run' : 'runs'} ${idsText(ids)}`,
  );
  const range = plotRange(curves, { log: logY, low: ends.low, high: ends.high });
  if (!range) return noteNothing(metric, io);
  const title = `${metric}${band ? `, mean ± ${band}` : groupBy ? ', mean' : ''}${logY ? ', log' : ''}`;
  const picture: PlotPicture = {
    title,
    xLabel: x,
    yLabel: metric,
    curves,
    names,
    logY,
    range: pageRange(range, { log: logY, ...ends }),
  };
  if (output === undefined) {
    const width = Math.min(160, Math.max(40, io.stdout.columns ?? 80));
    const shape = { ...picture, width, height: terminalHeight };
    const text = terminalPlot(shape, painter(io.stdout, io.env));
    if (text === undefined) return noteNothing(metric, io);
    io.stdout.write(text);
  } else {
    const { htmlPlot, svgPlot } = await import('../../../plots/index.js');
    const note = leavingNote(range, curves.length, ends);
    const text = kind === '.html' ? htmlPlot(picture, note) : svgPlot(picture);
    if (text === undefined) return noteNothing(metric, io);
    await writePicture(output, text, plural(curves.length, 'curve'), io);
  }
  const note = leavingNote(range, curves.length, ends);
  if (note !== '') io.stderr.write(`note: ${note}\n`);
  const column = parseColumnName(metric);
  if (groupBy) notePassedOver(results, column, io);
  else noteEarlier([{ column: metric, values: earlierValues(results, column) }], io);
  noteGaps({ curves, logY }, results, metric, io);
  return 0;
}

/** The ends of the y axis that the user has set. */
interface Ends {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** Reads `--y-min` and `--y-max`. Throws `bad-option-value` if nothing can lie between them. */
function endsOf(options: PlotOptions, logY: boolean): Ends {
  const [low, high] = [options.yMin, options.yMax];
  const bad = (option: string, value: number, expected: string) =>
    fail({ reason: 'bad-option-value', option, value: String(value), expected, near: undefined });
  if (logY && low !== undefined && low <= 0) bad('--y-min', low, 'a number above 0, because of --log-y');
  if (logY && high !== undefined && high <= 0) bad('--y-max', high, 'a number above 0, because of --log-y');
  if (low !== undefined && high !== undefined && low >= high) bad('--y-max', high, `a number above --y-min, ${low}`);
  return { low, high };
}

/** Says which curves leave the picture, and how to see all of them. Returns '' if none does. */
function leavingNote({ leaving, lowest, highest }: PlotRange, count: number, ends: Ends): string {
  if (leaving === 0) return '';
  const which =
    count === 1 ? 'the curve leaves' : `${leaving} of ${plural(count, 'curve')} ${leaving === 1 ? 'leaves' : 'leave'}`;
  const to = [
    lowest === undefined ? '' : `down to ${shortNumber(lowest)}`,
    highest === undefined ? '' : `up to ${shortNumber(highest)}`,
  ];
  const remedy = [
    lowest === undefined || ends.low !== undefined ? '' : `--y-min ${roundedOut(lowest, false)}`,
    highest === undefined || ends.high !== undefined ? '' : `--y-max ${roundedOut(highest, true)}`,
  ];
  const joined = (parts: readonly string[], by: string) => parts.filter((part) => part !== '').join(by);
  const shows = joined(remedy, ' ');
  const verb = remedy.includes('') ? 'shows' : 'show';
  return `${which} the picture (${joined(to, ', ')})${shows === '' ? '' : `; ${shows} ${verb} all`}`;
}

/** Says which values and runs are not drawn. */
function noteGaps(
  { curves, logY }: Pick<PlotPicture, 'curves' | 'logY'>,
  results: readonly RunResult[],
  metric: string,
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
