import type { Numeric } from '../values/index.js';

/**
 * The values of a `range()` with a float among its numbers, as Hydra computes them. Hydra
 * adds the step again and again to the exact first value, in decimals of 28 significant
 * digits, rounded half to even (Python's `decimal` with its default context), and converts
 * each sum to a double. Here a value is found without the earlier ones: between two powers
 * of ten all steps are equal, so that the longest range consists of a few hundred stretches.
 */

/** A decimal number: coefficient × 10^exponent. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Consecutive values at equal distances. */
interface Stretch {
  readonly first: Decimal;
  readonly step: Decimal;
  /** The number of earlier values. */
  readonly before: bigint;
  readonly count: bigint;
}

interface FloatRange {
  readonly count: bigint;
  readonly at: (index: bigint) => number;
}

const digits = 28;

/** The reason why a range has no finite number of values. */
export type RangeProblem = 'step-zero' | 'nan' | 'endless';

/** Returns the values of a range from `start` (included) to `stop` (excluded), or why it has none. */
export function floatRange(start: Numeric, stop: Numeric, step: Numeric): FloatRange | RangeProblem {
  const [first, end, size] = [Number(start), Number(stop), Number(step)];
  if (size === 0) return 'step-zero';
  if (Number.isNaN(first) || Number.isNaN(end) || Number.isNaN(size)) return 'nan';
  const up = size > 0;
  if (up ? first >= end : first <= end) return { count: 0n, at: () => Number.NaN };
  // An infinite step passes any end at once.
  if (!Number.isFinite(size) && Number.isFinite(first)) return { count: 1n, at: () => first };
  if (!Number.isFinite(first) || !Number.isFinite(end)) return 'endless';
  const stretches = stretchesOf(exact(start), exact(stop), exact(step));
  if (stretches === undefined) return 'endless';
  const last = stretches.at(-1);
  return {
    count: last ? last.before + last.count : 0n,
    at: (index: bigint) => (index === 0n ? first : valueAt(stretches, index)),
  };
}

function valueAt(stretches: readonly Stretch[], index: bigint): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stretches[middle]?.before ?? 0n) <= index) low = middle;
    else high = middle - 1;
  }
  const stretch = stretches[low];
  return stretch ? toDouble(sum(stretch.first, times(stretch.step, index - stretch.before))) : Number.NaN;
}

/**
 * Returns the stretches of a range; undefined if the step is too small to change the number it is added to.
 */
function stretchesOf(start: Decimal, stop: Decimal, step: Decimal): Stretch[] | undefined {
  const stretches: Stretch[] = [];
  const up = step.coefficient > 0n;
  const isBefore = (value: Decimal) => (up ? compare(value, stop) < 0 : compare(value, stop) > 0);
  const none = { coefficient: 0n, exponent: 0 };
  let before = 0n;
  let inDecade = 0;
  for (let at = start; isBefore(at); ) {
    const next = rounded(sum(at, step));
    const difference = sum(next, negated(at));
    if (difference.coefficient === 0n) return undefined;
    // Ties are rounded to the even neighbour, so steps are equal only after a few steps within the decade.
    inDecade = decade(next) === decade(at) && sign(next) === sign(at) ? inDecade + 1 : 0;
    if (inDecade < 3) {
      stretches.push({ first: at, step: none, before, count: 1n });
      before += 1n;
      at = next;
      continue;
    }
    const count = least(stepsBefore(at, stop, difference), stepsBefore(at, edge(at, difference), difference));
    stretches.push({ first: at, step: difference, before, count });
    before += count;
    at = rounded(sum(sum(at, times(difference, count - 1n)), step));
    inDecade = 0;
  }
  return stretches;
}

/** Returns the next power of ten on the way of a value. */
function edge(value: Decimal, step: Decimal): Decimal {
  const outward = sign(value) === sign(step);
  return { coefficient: BigInt(sign(value)), exponent: decade(value) + (outward ? 1 : 0) };
}

/** Returns the number of values, from `from` on in steps, that lie before `end`. */
function stepsBefore(from: Decimal, end: Decimal, step: Decimal): bigint {
  const way = sum(end, negated(from));
  const exponent = Math.min(way.exponent, step.exponent);
  const [wayUnits, stepUnits] = [unitsOf(way, exponent), unitsOf(step, exponent)];
  const steps = wayUnits / stepUnits;
  return steps * stepUnits === wayUnits ? steps : steps + 1n;
}

function exact(value: Numeric): Decimal {
  if (typeof value !== 'number') return { coefficient: BigInt(value), exponent: 0 };
  // A double is an int over a power of two. Multiplied by the
  // same power of five, it is an int over a power of ten.
  let [whole, halvings] = [value, 0];
  while (!Number.isInteger(whole)) [whole, halvings] = [whole * 2, halvings + 1];
  return { coefficient: BigInt(whole) * 5n ** BigInt(halvings), exponent: -halvings };
}

function rounded({ coefficient, exponent }: Decimal): Decimal {
  const excess = lengthOf(coefficient) - digits;
  if (excess <= 0) return { coefficient, exponent };
  const unit = 10n ** BigInt(excess);
  const quotient = coefficient / unit;
  const rest = coefficient % unit;
  const size = (rest < 0n ? -rest : rest) * 2n;
  const away = size > unit || (size === unit && quotient % 2n !== 0n);
  return { coefficient: away ? quotient + (coefficient < 0n ? -1n : 1n) : quotient, exponent: exponent + excess };
}

function sum(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { coefficient: unitsOf(a, exponent) + unitsOf(b, exponent), exponent };
}

const unitsOf = (value: Decimal, exponent: number) => value.coefficient * 10n ** BigInt(value.exponent - exponent);
const negated = ({ coefficient, exponent }: Decimal): Decimal => ({ coefficient: -coefficient, exponent });
const times = ({ coefficient, exponent }: Decimal, factor: bigint): Decimal => ({
  coefficient: coefficient * factor,
  exponent,
});
const sign = ({ coefficient }: Decimal) => (coefficient > 0n ? 1 : coefficient < 0n ? -1 : 0);
const compare = (a: Decimal, b: Decimal) => sign(sum(a, negated(b)));
const least = (a: bigint, b: bigint) => (a < b ? a : b);
const lengthOf = (value: bigint) => String(value < 0n ? -value : value).length;
/** Returns the power of ten of the first digit. */
const decade = ({ coefficient, exponent }: Decimal) => lengthOf(coefficient) - 1 + exponent;
const toDouble = ({ coefficient, exponent }: Decimal) => Number(`${coefficient}e${exponent}`);
