/** A course of values, such as those of a curve; NaN is a gap. */
type Course = readonly number[];

export interface ViewRange {
  readonly low: number;
  readonly high: number;
}

export interface RangeRequest {
  readonly log: boolean;
  /** An end that the user set; the other one is chosen. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/**
 * Up to this share of the courses may leave the range, if they are beyond the others by this many times the
 * others' extent (on linear and logarithmic axes). The fewer they are, the less it takes to call them
 * outliers.
 */
const rules = [
  { share: 1 / 5, times: 15, logTimes: 10 },
  { share: 2 / 5, times: 200, logTimes: 10 },
  { share: 1 / 2, times: 1000, logTimes: 20 },
] as const;
/**
 * If two kinds of courses never meet, the one further out is an outlier only at this many times the extent.
 */
const timesApart = 1e5;
/** If some courses leave anyway, so do others that are beyond the rest by this many times its extent. */
const timesBesides = 4;
/** Single values leave the range if they are beyond all others by this many times their extent. */
const pointTimes = { linear: 100, log: 10 };
/** Single values are at most this share of a course, at either end. */
const pointShare = 0.05;
/** On a logarithmic axis, an extent is at least this many decades. */
const fewDecades = 2;

/**
 * The range of an axis in which courses can be told apart: that of all values, unless a few courses or values
 * are so far out that the rest would be a line at the edge. The first value of a course is never left out as
 * rare, so that a falling loss is shown from its start. Undefined if there is no value.
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
  /** The range of the course without its few extreme values. */
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

/** The extent of a range: its width, or its distance from 0 if that is larger. 0 if all values are 0. */
const extentOf = ({ low, high }: ViewRange, log: boolean): number =>
  log ? Math.max(high - low, fewDecades) : Math.max(high - low, Math.abs(low), Math.abs(high));

/** The courses that determine the range: all of them, or all but a few outliers. */
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

/**
 * The range of all but a few courses: `count` of them start above its low end, `count` stay below its high
 * end.
 */
function usualRange(cores: readonly Core[], count: number): { readonly usual: ViewRange; readonly isApart: boolean } {
  const low = cores.map(({ core }) => core.low).sort((a, b) => b - a)[count - 1] ?? 0;
  const high = cores.map(({ core }) => core.high).sort((a, b) => a - b)[count - 1] ?? 0;
  if (low <= high) return { usual: { low, high }, isApart: false };
  const size = ({ core }: Core) => Math.max(Math.abs(core.low), Math.abs(core.high));
  const small = [...cores].sort((a, b) => size(a) - size(b)).slice(0, count);
  return { usual: hullOf(small.map(({ core }) => core)), isApart: true };
}

/** The range, widened if it is empty: all values are equal, or the user's end is beyond them. */
function opened(range: ViewRange, { log, low, high }: RangeRequest): ViewRange {
  if (range.low < range.high) return range;
  const below = (value: number) => (log ? value / 2 : value - (Math.abs(value) / 10 || 1));
  const above = (value: number) => (log ? value * 2 : value + (Math.abs(value) / 10 || 1));
  if (high !== undefined) return { low: below(high), high };
  if (low !== undefined) return { low, high: above(low) };
  return { low: below(range.low), high: above(range.high) };
}
