import { fail } from '../failures/index.js';
import { type Axis, type Choices, valuesOf } from './axis.js';
import {
  type Element,
  type IntervalSweep,
  isSweep,
  keyElement,
  type Override,
  type PlainOverride,
  requireElement,
} from './override.js';
import { product } from './product.js';
import { unit } from './random.js';

/** The parts of a sweep, as the user gave them. */
export interface SweepRequest {
  readonly overrides: readonly Override[];
  /** Groups of keys that change together. */
  readonly zip?: readonly (readonly string[])[];
  /** Points listed one by one, as lists of overrides. They are crossed with `overrides` and vary slowest. */
  readonly rows?: readonly (readonly Override[])[] | undefined;
  /** The seed of `shuffle()` and of sampling. */
  readonly seed?: number;
}

/** An override whose value is drawn from an interval for each point. */
interface DrawnOverride {
  /** Its position in a point. */
  readonly position: number;
  readonly override: Override;
  readonly interval: IntervalSweep;
}

/**
 * The lazy cross-product of overrides. Points are numbered
 * from 0; the last override varies fastest, as in Hydra.
 */
export interface Sweep {
  /** One per distinct key, at the position where the key is first mentioned, with its last value. */
  readonly overrides: readonly Override[];
  readonly seed: number;
  /** The most overrides that a point can have. */
  readonly positionCount: number;
  readonly axes: readonly Axis[];
  readonly drawn: readonly DrawnOverride[];
  /** The number of points; infinite if a value is drawn from an interval. */
  readonly size: number;
}

/** One point of a sweep: its number and one plain override per key. */
export interface Point {
  readonly index: number;
  readonly overrides: readonly PlainOverride[];
  /** The number of this repetition, from 0. Only points that run several times have it. */
  readonly repetition?: number;
}

/**
 * Returns the sweep over these overrides. A repeated key
 * keeps its first position and its last value, as in Hydra.
 * Throws `nested-sweep`, `sweep-function`, `zip-key`, `zip-lengths`, `bad-interval` or `key-in-points`.
 */
export function sweepOf({ overrides, zip = [], rows, seed = 0 }: SweepRequest): Sweep {
  const byKey = new Map<string, Override>();
  for (const override of overrides) byKey.set(keyElement(override), override);
  const distinct = [...byKey.values()];
  const given = rows ? rowsAxis(rows, byKey) : undefined;
  const offset = given?.axis.positions.length ?? 0;
  const values = distinct.map((override) => valuesOf(override, seed));
  const drawn: DrawnOverride[] = [];
  const single = new Map<number, Axis>();
  distinct.forEach((override, i) => {
    const choices = values[i];
    const position = offset + i;
    if (choices && 'kind' in choices) drawn.push({ position, override, interval: checkedInterval(choices) });
    else if (choices) single.set(i, axisOf(override, choices, position));
  });
  const axes = zipped(distinct, single, zip);
  const all = given ? [given.axis, ...axes] : axes;
  return {
    overrides: given ? [...given.overrides, ...distinct] : distinct,
    seed,
    positionCount: offset + distinct.length,
    axes: all,
    drawn,
    size: drawn.length > 0 ? Number.POSITIVE_INFINITY : all.reduce((size, { count }) => size * count, 1),
  };
}

function axisOf(override: Override, { count, at }: Choices, position: number): Axis {
  const swept = isSweep(override.value);
  return { positions: [position], count, at: (index) => [{ override, element: at(index), swept }] };
}

/** Returns the listed points as one axis, which has a position for each of their keys. */
function rowsAxis(
  rows: readonly (readonly Override[])[],
  others: ReadonlyMap<string, Override>,
): { axis: Axis; overrides: readonly Override[] } {
  const firsts = new Map<string, Override>();
  for (const override of rows.flat()) {
    const key = keyElement(override);
    if (others.has(key)) fail({ reason: 'key-in-points', key, span: others.get(key)?.keySpan ?? override.keySpan });
    if (!firsts.has(key)) firsts.set(key, override);
  }
  const keys = [...firsts.keys()];
  const at = (index: number) => {
    const byKey = new Map(rows[index]?.map((override) => [keyElement(override), override]));
    return keys.map((key): PlainOverride | undefined => {
      const override = byKey.get(key);
      return override && { override, element: override.value && requireElement(override.value), swept: true };
    });
  };
  return { axis: { positions: keys.map((_, i) => i), count: rows.length, at }, overrides: [...firsts.values()] };
}

/** Joins the axes of zipped keys. The joined axis takes the place of the first of them. */
function zipped(
  overrides: readonly Override[],
  single: ReadonlyMap<number, Axis>,
  zip: readonly (readonly string[])[],
): Axis[] {
  const axes = new Map(single);
  const used = new Set<string>();
  for (const keys of zip) {
    const members = keys.map((key) => {
      const index = overrides.findIndex((override) => keyElement(override) === key || override.key === key);
      const axis = axes.get(index);
      if (!axis || used.has(key))
        return fail({
          reason: 'zip-key',
          key,
          swept: sweptOverrides({ overrides }).map(keyElement),
          used: used.has(key),
        });
      used.add(key);
      return { key, index, axis };
    });
    const counts = members.map(({ key, axis }) => ({ key, count: axis.count }));
    if (new Set(counts.map(({ count }) => count)).size > 1) fail({ reason: 'zip-lengths', counts });
    const parts = members.map(({ axis }) => axis);
    const first = Math.min(...members.map(({ index }) => index));
    for (const { index } of members) axes.delete(index);
    axes.set(first, {
      positions: parts.flatMap(({ positions }) => positions),
      count: parts[0]?.count ?? 1,
      at: (index) => parts.flatMap(({ at }) => at(index)),
    });
  }
  return [...axes].sort(([a], [b]) => a - b).map(([, axis]) => axis);
}

function checkedInterval(interval: IntervalSweep): IntervalSweep {
  const [start, end] = [Number(interval.start), Number(interval.end)];
  const log = interval.tags.includes('log');
  const problem =
    Number.isFinite(start) && Number.isFinite(end)
      ? start > end
        ? 'backwards'
        : log && start <= 0
          ? 'no-logarithm'
          : undefined
      : 'not-finite';
  return problem === undefined ? interval : fail({ reason: 'bad-interval', span: interval.span, problem });
}

/** Returns the exact number of points; undefined if values are drawn from an interval. */
export function exactSize({ axes, drawn }: Sweep): bigint | undefined {
  return drawn.length > 0 ? undefined : axes.reduce((size, { count }) => size * BigInt(count), 1n);
}

/** Returns the overrides that take several values. */
export function sweptOverrides({ overrides }: Pick<Sweep, 'overrides'>): Override[] {
  return overrides.filter(({ value }) => isSweep(value));
}

/** Returns the point with this number, without making the earlier ones. */
export function pointAt(sweep: Sweep, index: number): Point {
  const digits: number[] = [];
  let rest = index;
  for (const { count } of sweep.axes.toReversed()) {
    digits.unshift(rest % count);
    rest = Math.floor(rest / count);
  }
  return pointOf(sweep, index, digits, index);
}

/**
 * Returns the point with these digits, one per axis. `draw` numbers the drawing: the same number draws the
 * same values from intervals.
 */
export function pointOf(sweep: Sweep, index: number, digits: readonly number[], draw: number): Point {
  const overrides = new Array<PlainOverride | undefined>(sweep.positionCount);
  sweep.axes.forEach(({ positions, at }, axis) => {
    const values = at(digits[axis] ?? 0);
    positions.forEach((position, i) => {
      overrides[position] = values[i];
    });
  });
  for (const { position, override, interval } of sweep.drawn) {
    const share = unit(sweep.seed, draw, position);
    overrides[position] = { override, element: drawnFrom(interval, share), swept: true };
  }
  return { index, overrides: overrides.filter((override) => override !== undefined) };
}

/**
 * Returns the value of an interval at a share between 0 and 1. It is uniform, or uniform in its logarithm
 * with `tag(log,…)`. An interval between ints yields ints.
 */
function drawnFrom({ start, end, tags, span }: IntervalSweep, share: number): Element {
  const ints = typeof start !== 'number' && typeof end !== 'number';
  const [low, high] = [Number(start), Number(end) + (ints ? 1 : 0)];
  const drawn = tags.includes('log')
    ? Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)))
    : low + share * (high - low);
  // Rounding errors may lead past an end.
  const value = Math.min(Math.max(drawn, low), Number(end));
  return { kind: 'plain', value: ints ? BigInt(Math.floor(value)) : value, span, made: true };
}

/** Yields all points in order, made one at a time. */
export function* points(sweep: Sweep): Generator<Point> {
  let index = 0;
  for (const overrides of product<PlainOverride>(sweep, (override) => override)) yield { index: index++, overrides };
}

/**
 * Returns the points in order as words. Each value of an axis is printed once, however many points have it.
 */
export function tokens(sweep: Sweep, print: (override: PlainOverride) => string): Iterable<string[]> {
  return product(sweep, print);
}
