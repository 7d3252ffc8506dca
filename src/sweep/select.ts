import { fail } from '../failures/index.js';
import { canonicalToken } from './override.js';
import { permutation, unit } from './random.js';
import { type Point, pointAt, pointOf, points, type Sweep } from './sweep.js';

/** Which points of a sweep to run, and how often. */
export interface Selection {
  /** The number of points to draw at random, without repeats; undefined for all points, in order. */
  readonly sample?: number | undefined;
  /** How often each point runs; its repetitions follow each other. */
  readonly repeat?: number | undefined;
  /** The number of the only point to run. */
  readonly only?: number | undefined;
  /** The numbers of the points to leave out. */
  readonly skipped?: ReadonlySet<number> | undefined;
}

/**
 * Yields the selected points, made one at a time. They are numbered from 0, in the order in which the sample
 * draws them; points that `keeps` rejects have no number, and each repetition has its own.
 * Throws `interval-unsampled`, `sample-exhausted` or `no-such-point`.
 */
export function* selectPoints(
  sweep: Sweep,
  { sample, repeat = 1, only, skipped }: Selection,
  keeps: (point: Point) => boolean = () => true,
): Generator<Point> {
  const [interval] = sweep.drawn;
  if (interval && sample === undefined) fail({ reason: 'interval-unsampled', span: interval.interval.span });
  let index = 0;
  for (const point of sample === undefined ? kept(sweep, keeps) : drawn(sweep, sample, keeps)) {
    for (let time = 0; time < repeat; time++, index++) {
      if (only !== undefined && index > only) return;
      if (only !== undefined ? index !== only : skipped?.has(index)) continue;
      yield { index, overrides: point.overrides, ...(repeat > 1 && { repetition: time }) };
    }
  }
  if (only !== undefined && index <= only) fail({ reason: 'no-such-point', point: only, count: index });
}

function* kept(sweep: Sweep, keeps: (point: Point) => boolean): Generator<Point> {
  for (const point of points(sweep)) if (keeps(point)) yield point;
}

/** Drawing stops after this many draws in a row without a new point that is kept: likely none is left. */
const maxVainDraws = 100_000;

/**
 * Yields points in a random order, without repeats. A larger
 * sample with the same seed starts with the smaller one.
 */
function* drawn(sweep: Sweep, wanted: number, keeps: (point: Point) => boolean): Generator<Point> {
  const countable = sweep.size <= Number.MAX_SAFE_INTEGER;
  const seen = new Set<string>();
  let found = 0;
  let vain = 0;
  for (const point of countable ? shuffledPoints(sweep) : independentPoints(sweep)) {
    if (found === wanted) return;
    const key = countable ? '' : point.overrides.map(canonicalToken).join('\0');
    if (!keeps(point) || seen.has(key)) {
      // If the points can be counted, a sample that asks for more simply returns all of them.
      if (!countable && ++vain > maxVainDraws) fail({ reason: 'sample-exhausted', wanted, found });
      continue;
    }
    if (!countable) seen.add(key);
    vain = 0;
    found++;
    yield point;
  }
}

function* shuffledPoints(sweep: Sweep): Generator<Point> {
  const order = permutation(sweep.seed, sweep.size);
  for (let i = 0; i < sweep.size; i++) yield pointAt(sweep, order(i));
}

function* independentPoints(sweep: Sweep): Generator<Point> {
  if (sweep.axes.some(({ count }) => count === 0)) return;
  for (let draw = 0; ; draw++) {
    const digits = sweep.axes.map(({ count }, axis) =>
      Math.floor(unit(sweep.seed, draw, sweep.positionCount + axis) * count),
    );
    yield pointOf(sweep, draw, digits, draw);
  }
}
