import { plural } from '../../core/words.js';
import { curveNames, pageRange, plotRange, readCurves } from '../../plots/index.js';
import {
  earlierAttempt,
  only,
  parseColumnName,
  type RunResult,
  resolveColumns,
  resultsOfAttempts,
  writtenColumns,
} from '../../results/index.js';
import type { CurveLine, CurvesAnswer, CurvesQuestion } from '../wire.js';

/** The most curves, since more can't be told apart, and the most points of each. */
const mostCurves = 100;
const mostPoints = 1000;

/** The curves of a metric, per run or per group of runs. Throws `unknown-column`. */
export function curvesAnswer(usual: readonly RunResult[], question: CurvesQuestion): CurvesAnswer {
  const { metric, x, groupBy, band, logY, attempts } = question;
  const results = usual.flatMap((result) => resultsOfAttempts(result, attempts));
  const known = only(results);
  resolveColumns(known, writtenColumns(metric, 'metric'));
  const groups = resolveColumns(
    known,
    groupBy.flatMap((column) => writtenColumns(column, 'group')),
  );
  const those = results.filter(({ metrics }) => metrics.has(metric));
  const drawn = new Set(those.map(({ id }) => id));
  const isGrouped = groups.length > 0;
  const shown = isGrouped ? those : those.slice(0, mostCurves);
  const read = readCurves(shown, {
    metric,
    x: x ?? undefined,
    groupBy: isGrouped ? groups : undefined,
    band: isGrouped ? (band ?? undefined) : undefined,
    logY,
    most: mostPoints,
  });
  const some = read.curves.slice(0, mostCurves);
  const names = curveNames(some, shown, isGrouped ? groups : undefined, (ids) =>
    ids.length === 1 ? `run ${ids[0]}` : plural(ids.length, 'run'),
  );
  const range = plotRange(some, { log: logY });
  const curves = some.map(({ runs, points }, i): CurveLine => {
    const column = (value: (point: (typeof points)[number]) => number | undefined) =>
      points.map((point) => {
        const y = value(point);
        return y === undefined || !Number.isFinite(y) ? null : y;
      });
    const banded = points.some(({ low }) => low !== undefined);
    return {
      runs,
      name: names[i] ?? { head: '', pairs: [], tail: '' },
      xs: points.map((point) => point.x),
      ys: column(({ y }) => y),
      ...(banded && { low: column(({ low }) => low), high: column(({ high }) => high) }),
    };
  });
  return {
    x: read.x,
    curves,
    gaps: read.curves.reduce((sum, curve) => sum + curve.gaps, 0),
    range: range ? pageRange(range, { log: logY }) : null,
    leaving: range?.leaving ?? 0,
    lowest: range?.lowest ?? null,
    highest: range?.highest ?? null,
    earlier: earlierOf(those, metric),
    lacking: usual.filter(({ id }) => !drawn.has(id)).length,
    more: Math.max(isGrouped ? read.curves.length : those.length, mostCurves) - mostCurves,
  };
}

const earlierOf = (results: readonly RunResult[], metric: string) =>
  results.flatMap((result) => {
    const attempt = earlierAttempt(result, parseColumnName(metric));
    return attempt === undefined ? [] : [{ run: result.id, attempt }];
  });
