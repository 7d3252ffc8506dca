import { plainJson } from '../expression/index.js';
import {
  checkColumns,
  columnText,
  differingKeys,
  earlierAttempt,
  parseColumnName,
  type RunResult,
  resultsOfAttempts,
  resultValue,
  writtenColumns,
} from '../reader/index.js';
import { readCurves } from '../reader/plots.js';
import type { Cell, CurveLine, CurvesAnswer, CurvesQuestion } from './wire.js';

/** More curves than these are a carpet; points of each. */
const mostCurves = 100;
const mostPoints = 1000;

/** A metric along runs, or along groups of them. Throws `unknown-column`. */
export function curvesAnswer(usual: readonly RunResult[], question: CurvesQuestion): CurvesAnswer {
  const { metric, x, groupBy, band, logY, attempts } = question;
  const results = usual.flatMap((result) => resultsOfAttempts(result, attempts));
  checkColumns(results, writtenColumns(metric, 'metric'));
  const groups = groupBy.map(parseColumnName);
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
  const own = differingKeys(shown).slice(0, 4);
  const byId = new Map(shown.map((result) => [result.id, result]));
  const keyOf = (id: number | undefined): Cell[] => {
    const result = byId.get(id ?? -1);
    return own.map((key) => (result ? (plainJson(resultValue(result, parseColumnName(key))) as Cell) : null));
  };
  const curves = read.curves.slice(0, mostCurves).map(({ runs, key, points, attempt }): CurveLine => {
    const column = (value: (point: (typeof points)[number]) => number | undefined) =>
      points.map((point) => {
        const y = value(point);
        return y === undefined || !Number.isFinite(y) ? null : y;
      });
    const banded = points.some(({ low }) => low !== undefined);
    return {
      runs,
      ...(attempt !== undefined && { attempt }),
      key: isGrouped ? key.map((value) => plainJson(value) as Cell) : keyOf(runs[0]),
      xs: points.map((point) => point.x),
      ys: column(({ y }) => y),
      ...(banded && { low: column(({ low }) => low), high: column(({ high }) => high) }),
    };
  });
  return {
    x: read.x,
    columns: isGrouped ? groups.map(columnText) : own,
    curves,
    gaps: read.curves.reduce((sum, curve) => sum + curve.gaps, 0),
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
