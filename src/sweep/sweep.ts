import { fail } from '../failures/index.js';
import { type Choices, valuesOf } from './axis.js';
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

/** What a sweep is made of. */
export interface SweepRequest {
  readonly overrides: readonly Override[];
  /** Keys that move together. */
  readonly zip?: readonly (readonly string[])[];
  /** Points given one by one, each a list of overrides; crossed with `overrides`, and before them. */
  readonly rows?: readonly (readonly Override[])[] | undefined;
  /** What `shuffle()` and sampling go by. */
  readonly seed?: number;
}

/** Places of a point whose values change together, in the order of `places`. */
export interface Axis {
  readonly places: readonly number[];
  readonly count: number;
  /** One value per place; undefined where this point has none there. */
  readonly at: (index: number) => readonly (PlainOverride | undefined)[];
}

/** A place whose value is drawn for each point. */
interface DrawnPlace {
  readonly place: number;
  readonly override: Override;
  readonly interval: IntervalSweep;
}

/** The lazy cross-product of overrides. Points are numbered from 0; the last override varies fastest, as in Hydra. */
export interface Sweep {
  /** One per distinct key, at the position of its first mention, with its last value. */
  readonly overrides: readonly Override[];
  readonly seed: number;
  readonly places: number;
  readonly axes: readonly Axis[];
  readonly drawn: readonly DrawnPlace[];
  /** How many points there are; infinite where values are drawn from an interval. */
  readonly size: number;
}

/** One point of a sweep: its number and one plain override per key. */
export interface Point {
  readonly index: number;
  readonly overrides: readonly PlainOverride[];
  /** Of points that are run several times: which time this is, from 0. */
  readonly repetition?: number;
}

/**
 * The sweep over these overrides. A key given twice keeps its first position and its last value, as in Hydra. Throws
 * `nested-sweep`, `sweep-function`, `zip-key`, `zip-lengths`, `bad-interval` or `key-in-points`.
 */
export function sweepOf({ overrides, zip = [], rows, seed = 0 }: SweepRequest): Sweep {
  const byKey = new Map<string, Override>();
  for (const override of overrides) byKey.set(keyElement(override), override);
  const distinct = [...byKey.values()];
  const given = rows ? rowsAxis(rows, byKey) : undefined;
  const offset = given?.axis.places.length ?? 0;
  const values = distinct.map((override) => valuesOf(override, seed));
  const drawn: DrawnPlace[] = [];
  const single = new Map<number, Axis>();
  distinct.forEach((override, i) => {
    const choices = values[i];
    const place = offset + i;
    if (choices && 'kind' in choices) drawn.push({ place, override, interval: checkedInterval(choices) });
    else if (choices) single.set(i, axisOf(override, choices, place));
  });
  const axes = zipped(distinct, single, zip);
  const all = given ? [given.axis, ...axes] : axes;
  return {
    overrides: given ? [...given.overrides, ...distinct] : distinct,
    seed,
    places: offset + distinct.length,
    axes: all,
    drawn,
    size: drawn.length > 0 ? Number.POSITIVE_INFINITY : all.reduce((size, { count }) => size * count, 1),
  };
}

function axisOf(override: Override, { count, at }: Choices, place: number): Axis {
  const swept = isSweep(override.value);
  return { places: [place], count, at: (index) => [{ override, element: at(index), swept }] };
}

/** The points that were given one by one, as one axis with a place for each of their keys. */
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
  const places = [...firsts.keys()];
  const at = (index: number) => {
    const byKey = new Map(rows[index]?.map((override) => [keyElement(override), override]));
    return places.map((key): PlainOverride | undefined => {
      const override = byKey.get(key);
      return override && { override, element: override.value && requireElement(override.value), swept: true };
    });
  };
  return { axis: { places: places.map((_, i) => i), count: rows.length, at }, overrides: [...firsts.values()] };
}

/** Joins the axes of keys that move together, at the place of the first of them. */
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
      places: parts.flatMap(({ places }) => places),
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

/** How many points there are to the last digit; undefined where values are drawn from an interval. */
export function exactSize({ axes, drawn }: Sweep): bigint | undefined {
  return drawn.length > 0 ? undefined : axes.reduce((size, { count }) => size * BigInt(count), 1n);
}

/** The overrides that take more than one value. */
export function sweptOverrides({ overrides }: Pick<Sweep, 'overrides'>): Override[] {
  return overrides.filter(({ value }) => isSweep(value));
}

/** The point with this number, found without walking the ones before it. */
export function pointAt(sweep: Sweep, index: number): Point {
  const digits: number[] = [];
  let rest = index;
  for (const { count } of sweep.axes.toReversed()) {
    digits.unshift(rest % count);
    rest = Math.floor(rest / count);
  }
  return pointOf(sweep, index, digits, index);
}

/** The point that has these values on the axes; `draw` numbers what is drawn from intervals. */
export function pointOf(sweep: Sweep, index: number, digits: readonly number[], draw: number): Point {
  const overrides = new Array<PlainOverride | undefined>(sweep.places);
  sweep.axes.forEach(({ places, at }, axis) => {
    const values = at(digits[axis] ?? 0);
    places.forEach((place, i) => {
      overrides[place] = values[i];
    });
  });
  for (const { place, override, interval } of sweep.drawn) {
    overrides[place] = { override, element: drawnFrom(interval, sweep.seed, draw, place), swept: true };
  }
  return { index, overrides: overrides.filter((override) => override !== undefined) };
}

/** A value of an interval: uniform, or with `tag(log,…)` uniform in its logarithm; of an interval of ints, an int. */
function drawnFrom({ start, end, tags, span }: IntervalSweep, seed: number, draw: number, place: number): Element {
  const ints = typeof start !== 'number' && typeof end !== 'number';
  const [low, high] = [Number(start), Number(end) + (ints ? 1 : 0)];
  const share = unit(seed, draw, place);
  const drawn = tags.includes('log')
    ? Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)))
    : low + share * (high - low);
  // Rounding may lead past an end.
  const value = Math.min(Math.max(drawn, low), Number(end));
  return { kind: 'plain', value: ints ? BigInt(Math.floor(value)) : value, span, made: true };
}

/** All points in order, made one at a time. */
export function* points(sweep: Sweep): Generator<Point> {
  let index = 0;
  for (const overrides of product<PlainOverride>(sweep, (override) => override)) yield { index: index++, overrides };
}

/** The points in order as words, each printed once however often it comes. */
export function tokens(sweep: Sweep, print: (override: PlainOverride) => string): Iterable<string[]> {
  return product(sweep, print);
}
