import { nearestSome } from '../core/suggest.js';
import type { ExpressionValue } from '../expression/index.js';
import { fail } from '../failures/index.js';
import {
  type ColumnName,
  groupResults,
  type RunResult,
  readMetricLog,
  splitMetric,
  usualSteps,
} from '../results/index.js';
import type { MetricValue } from '../store/index.js';

/** A point of a curve; for a group of runs with the band from `low` to `high`. NaN as `y` is a gap. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** A metric of one run, or of a group of runs, over some x. */
export interface Curve {
  readonly runs: readonly number[];
  /** The values of the columns that its runs were grouped by; none for a single run. */
  readonly key: readonly ExpressionValue[];
  /** By x, ascending. */
  readonly points: readonly CurvePoint[];
  /**
   * The attempt that it is of: if there is a curve per attempt, or the run's last attempt has not logged the
   * metric.
   */
  readonly attempt?: number | undefined;
  /** How many values can't be drawn (NaN, infinite, not above 0 on a logarithmic axis) and are gaps. */
  readonly gaps: number;
}

/** What the band of a group spans: the standard deviation, the standard error, or all values. */
type Band = 'std' | 'sem' | 'minmax';

interface CurvesRequest {
  /** `train.loss`. */
  readonly metric: string;
  /** A key that is logged with it; undefined for an epoch or step if logged, else the number of the line. */
  readonly x: string | undefined;
  /** Undefined for one curve per run. */
  readonly groupBy: readonly ColumnName[] | undefined;
  readonly band: Band | undefined;
  /** On a logarithmic y axis, values that are not above 0 are gaps. */
  readonly logY: boolean;
  /** About this many points are kept of each curve; see `thinned`. */
  readonly most: number;
}

/**
 * Reads the curves of a metric. Returns also the x that was used: a key, or `line`. Throws `unknown-column`
 * for an x that is not logged with the metric.
 */
export function readCurves(
  results: readonly RunResult[],
  request: CurvesRequest,
): { readonly curves: readonly Curve[]; readonly x: string } {
  const { metric, groupBy } = request;
  const those = results.filter(({ metrics }) => metrics.has(metric));
  const [log, key] = splitMetric(those[0]?.directory ?? '', metric);
  const beside = [...new Set(those.flatMap(({ metrics }) => keysIn(metrics, log)))];
  const x = request.x ?? usualSteps.find((step) => step !== key && beside.includes(step)) ?? 'line';
  if (x !== 'line' && !beside.includes(x)) {
    fail({
      reason: 'unknown-column',
      span: { source: { name: '--x', text: x }, offset: 0, length: Math.max(1, x.length) },
      column: x,
      near: nearestSome(x, beside),
      quoted: undefined,
    });
  }
  const series = (result: RunResult) => seriesAlong(result, log, { ...request, key, x });
  if (!groupBy) {
    const curves = those.map((result): Curve => {
      const { points, gaps } = series(result);
      const attempt = typeof result.attempts === 'number' ? result.attempts : result.metrics.get(metric)?.earlier;
      return { runs: [result.id], key: [], points: thinned(points, request.most), gaps, attempt };
    });
    return { curves, x };
  }
  const current = those.filter(({ metrics }) => metrics.get(metric)?.earlier === undefined);
  const curves = groupResults(current, groupBy).map(({ key: values, results: members }): Curve => {
    const { points, gaps } = together(members.map(series), request);
    return { runs: members.map(({ id }) => id), key: values, points: thinned(points, request.most), gaps };
  });
  return { curves, x };
}

const keysIn = (metrics: RunResult['metrics'], log: string) =>
  [...metrics.keys()].flatMap((name) => (name.startsWith(`${log}.`) ? [name.slice(log.length + 1)] : []));

interface Series {
  readonly points: readonly CurvePoint[];
  readonly gaps: number;
}

function seriesAlong(
  { directory, attempts }: RunResult,
  log: string,
  { key, x, logY }: { readonly key: string; readonly x: string; readonly logY: boolean },
): Series {
  const points: CurvePoint[] = [];
  let gaps = 0;
  readMetricLog(directory, log, attempts).lines.forEach((line, i) => {
    const value = line[key] as MetricValue | undefined;
    if (value === undefined) return;
    const at = x === 'line' ? i + 1 : Number(line[x] ?? Number.NaN);
    if (typeof value !== 'number' || !Number.isFinite(value) || !Number.isFinite(at) || (logY && value <= 0)) {
      gaps++;
      if (Number.isFinite(at)) points.push({ x: at, y: Number.NaN });
    } else points.push({ x: at, y: value });
  });
  return { points: points.sort((a, b) => a.x - b.x), gaps };
}

/** The mean of several series at each x where any has a value, with its band. */
function together(all: readonly Series[], { band, logY }: CurvesRequest): Series {
  const at = new Map<number, { count: number; mean: number; squares: number; low: number; high: number }>();
  for (const { points } of all) {
    for (const { x, y } of points) {
      if (Number.isNaN(y)) continue;
      const sum = at.get(x) ?? { count: 0, mean: 0, squares: 0, low: y, high: y };
      at.set(x, sum);
      sum.count++;
      const distance = y - sum.mean;
      sum.mean += distance / sum.count;
      sum.squares += distance * (y - sum.mean);
      sum.low = Math.min(sum.low, y);
      sum.high = Math.max(sum.high, y);
    }
  }
  const points = [...at].map(([x, { count, mean, squares, low, high }]): CurvePoint => {
    if (!band) return { x, y: mean };
    if (band === 'minmax') return { x, y: mean, low, high };
    const std = count < 2 ? 0 : Math.sqrt(squares / (count - 1));
    const half = band === 'std' ? std : std / Math.sqrt(count);
    // A logarithmic axis has no 0: the band ends at the lowest value.
    return { x, y: mean, low: logY ? Math.max(mean - half, low) : mean - half, high: mean + half };
  });
  return { points: points.sort((a, b) => a.x - b.x), gaps: all.reduce((sum, { gaps }) => sum + gaps, 0) };
}

/**
 * Thins a curve to about `most` points. Of each stretch of points it keeps the first, lowest, highest and
 * last, and a gap, so that no extreme is lost.
 */
export function thinned(points: readonly CurvePoint[], most: number): CurvePoint[] {
  if (points.length <= most) return [...points];
  const size = points.length / Math.max(1, Math.floor(most / 4));
  const kept: CurvePoint[] = [];
  for (let from = 0; from < points.length; from += size) {
    const stretch = points.slice(Math.floor(from), Math.floor(from + size));
    const valued = stretch.filter(({ y }) => !Number.isNaN(y));
    const low = valued.reduce<CurvePoint | undefined>((best, one) => (best && best.y <= one.y ? best : one), undefined);
    const high = valued.reduce<CurvePoint | undefined>(
      (best, one) => (best && best.y >= one.y ? best : one),
      undefined,
    );
    const gap = stretch.find(({ y }) => Number.isNaN(y));
    const chosen = new Set([stretch[0], low, high, gap, stretch.at(-1)]);
    kept.push(...stretch.filter((point) => chosen.has(point)));
  }
  return kept;
}
