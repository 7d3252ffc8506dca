import { plainJson } from '../expression/index.js';
import {
  columnText,
  differingKeys,
  only,
  parseColumnName,
  type RunResult,
  resolveColumns,
  resultValue,
  writtenColumns,
} from '../reader/index.js';
import { readCurves } from '../reader/plots.js';
import type { Cell, CurveLine, CurvesAnswer, CurvesQuestion } from './wire.js';

/** More curves than these are a carpet; points of each. */
const mostCurves = 100;
const mostPoints = 1000;

/** A metric along runs, or along groups of them. Throws `unknown-column`. */
export function curvesAnswer(results: readonly RunResult[], question: CurvesQuestion): CurvesAnswer {
  const { metric, x, groupBy, band, logY } = question;
  const known = only(results);
  resolveColumns(known, writtenColumns(metric, 'metric'));
  const groups = resolveColumns(
    known,
    groupBy.flatMap((column) => writtenColumns(column, 'group')),
  );
  const those = results.filter(({ metrics }) => metrics.has(metric));
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
  const curves = read.curves.slice(0, mostCurves).map(({ runs, key, points }): CurveLine => {
    const column = (value: (point: (typeof points)[number]) => number | undefined) =>
      points.map((point) => {
        const y = value(point);
        return y === undefined || !Number.isFinite(y) ? null : y;
      });
    const banded = points.some(({ low }) => low !== undefined);
    return {
      runs,
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
    lacking: results.length - those.length,
    more: Math.max(isGrouped ? read.curves.length : those.length, mostCurves) - mostCurves,
  };
}
