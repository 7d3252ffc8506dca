/** A course of values, such as a curve's; NaN is a gap. */
export type Course = readonly number[];

export interface ViewRange {
  readonly low: number;
  readonly high: number;
}

export interface RangeRequest {
  readonly log: boolean;
  /** What a user has said; the other end is then chosen beside it. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/**
 * Up to so large a share of the courses may leave the range, where they go beyond the others by so many times the others' extent, on linear
 * and on logarithmic axes. With fewer of them, less is enough to be sure that they are the exception.
 */
const rules = [
  { share: 1 / 5, times: 15, logTimes: 10 },
  { share: 2 / 5, times: 200, logTimes: 10 },
  { share: 1 / 2, times: 1000, logTimes: 20 },
] as const;
/** Of two kinds of courses that never meet, neither is the exception unless it is that much further out. */
const timesApart = 1e5;
/** If some leave anyway, others leave too that go beyond the rest by this many times its extent. */
const timesBesides = 4;
/** Single values leave that are beyond all else by this many times its extent, */
const pointTimes = { linear: 100, log: 10 };
/** which are at most so large a share of a course at either end. */
const pointShare = 0.05;
/** On a logarithmic axis, values within this many decades do not tell how far others may be. */
const fewDecades = 2;

/**
 * The range of an axis in which courses can be told apart: all of it, unless a few courses or values are so far out that the rest would be a
 * line at the edge. The beginning of each course is never cut off for being rare, so that a loss that falls is shown from its start.
 * Undefined where there is no value.
 */
export function viewRange(courses: readonly Course[], { log, low, high }: RangeRequest): ViewRange | undefined {
  const toAxis = (value: number) => (log ? Math.log10(value) : value);
  const cores = courses.flatMap((course) => coreOf(course, toAxis) ?? []);
  if (cores.length === 0) return undefined;
  const kept = keptCores(cores, log);
  const inner = hullOf(kept.map(({ core }) => core));
  const whole = hullOf(kept.map(({ all }) => all));
  const extent = extentOf(inner, log);
  const reach = (log ? pointTimes.log : pointTimes.linear) * extent;
  const limits = {
    low: whole.low < inner.low - reach ? inner.low - timesBesides * extent : whole.low,
    high: whole.high > inner.high + reach ? inner.high + timesBesides * extent : whole.high,
  };
  const drawn = kept.flatMap(({ course }) =>
    course.filter((value) => toAxis(value) >= limits.low && toAxis(value) <= limits.high),
  );
  return opened(
    {
      low: low ?? drawn.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
      high: high ?? drawn.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    },
    { log, low, high },
  );
}

interface Core {
  readonly course: Course;
  /** Between which values the course is, apart from few. */
  readonly core: ViewRange;
  readonly all: ViewRange;
}

function coreOf(course: Course, toAxis: (value: number) => number): Core | undefined {
  const numbers = course.map(toAxis).filter(Number.isFinite);
  const [first] = numbers;
  if (first === undefined) return undefined;
  const sorted = Float64Array.from(numbers).sort();
  const cut = Math.floor(sorted.length * pointShare);
  const at = (i: number) => sorted[i] ?? first;
  const last = sorted.length - 1;
  return {
    course,
    core: { low: Math.min(first, at(cut)), high: Math.max(first, at(last - cut)) },
    all: { low: at(0), high: at(last) },
  };
}

const hullOf = (ranges: readonly ViewRange[]): ViewRange => ({
  low: ranges.reduce((low, range) => Math.min(low, range.low), Number.POSITIVE_INFINITY),
  high: ranges.reduce((high, range) => Math.max(high, range.high), Number.NEGATIVE_INFINITY),
});

/** How far a range reaches, or how far from 0 it is: a measure for what is beyond it. 0 where all is 0. */
const extentOf = ({ low, high }: ViewRange, log: boolean): number =>
  log ? Math.max(high - low, fewDecades) : Math.max(high - low, Math.abs(low), Math.abs(high));

/** The courses by which the range is chosen: all, or without the few that are far out. */
function keptCores(cores: readonly Core[], log: boolean): readonly Core[] {
  for (const { share, times, logTimes } of rules) {
    const most = Math.floor(cores.length * share);
    if (most === 0) continue;
    const { usual, isApart } = usualRange(cores, cores.length - most);
    const extent = extentOf(usual, log);
    if (extent === 0) continue;
    const within = (reach: number) =>
      cores.filter(({ core }) => core.low >= usual.low - reach * extent && core.high <= usual.high + reach * extent);
    const limit = log ? logTimes : isApart ? timesApart : times;
    const kept = within(limit);
    if (kept.length === cores.length || kept.length < cores.length - most) continue;
    const closer = within(timesBesides);
    return closer.length >= cores.length - most ? closer : kept;
  }
  return cores;
}

/** Where all but a few courses are: `count` of them begin above it, and `count` end below. */
function usualRange(cores: readonly Core[], count: number): { readonly usual: ViewRange; readonly isApart: boolean } {
  const low = cores.map(({ core }) => core.low).sort((a, b) => b - a)[count - 1] ?? 0;
  const high = cores.map(({ core }) => core.high).sort((a, b) => a - b)[count - 1] ?? 0;
  if (low <= high) return { usual: { low, high }, isApart: false };
  const size = ({ core }: Core) => Math.max(Math.abs(core.low), Math.abs(core.high));
  const small = [...cores].sort((a, b) => size(a) - size(b)).slice(0, count);
  return { usual: hullOf(small.map(({ core }) => core)), isApart: true };
}

/** A range that has an extent, also where all is one value, or where what a user has said leaves nothing of it. */
function opened(range: ViewRange, { log, low, high }: RangeRequest): ViewRange {
  if (range.low < range.high) return range;
  const below = (value: number) => (log ? value / 2 : value - (Math.abs(value) / 10 || 1));
  const above = (value: number) => (log ? value * 2 : value + (Math.abs(value) / 10 || 1));
  if (high !== undefined) return { low: below(high), high };
  if (low !== undefined) return { low, high: above(low) };
  return { low: below(range.low), high: above(range.high) };
}
