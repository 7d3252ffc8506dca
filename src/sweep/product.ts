import type { Axis } from './axis.js';
import type { PlainOverride } from './override.js';

/**
 * Values are kept for axes up to this length. Longer axes make each value again whenever a point needs it.
 */
const keptValues = 10_000;

/**
 * Returns the cross-product of axes, with each override converted. The
 * iterator is written by hand for speed, as there may be a million points: it
 * copies the previous point, in which mostly only the last override changes.
 */
export function product<T>(
  { axes, positionCount }: { readonly axes: readonly Axis[]; readonly positionCount: number },
  convert: (override: PlainOverride) => T,
): Iterable<T[]> {
  const valuesAt = axes.map((axis) => convertedValues(axis, convert));
  return { [Symbol.iterator]: () => new Product(axes, valuesAt, positionCount) };
}

type ConvertedValues<T> = (index: number) => readonly (T | undefined)[];

function convertedValues<T>({ at, count }: Axis, convert: (override: PlainOverride) => T): ConvertedValues<T> {
  const make = (index: number) => at(index).map((override) => override && convert(override));
  if (count > keptValues) return make;
  const kept: (readonly (T | undefined)[])[] = [];
  return (index) => {
    kept[index] ??= make(index);
    return kept[index];
  };
}

class Product<T> implements Iterator<T[]> {
  /** All axes except the inner one, and the current index on each. */
  readonly #outer: readonly Axis[];
  readonly #digits: number[];
  /** The values of the axis that varies fastest; empty if it has too many, or several positions. */
  readonly #inner: readonly (T | undefined)[];
  readonly #innerPosition: number;
  #innerDigit: number;
  readonly #current: (T | undefined)[];
  /** Whether points may lack a key that others have. */
  #hasGaps = false;
  #started = false;
  readonly #result: { done: false; value: T[] } = { done: false, value: [] };

  constructor(
    axes: readonly Axis[],
    readonly valuesAt: readonly ConvertedValues<T>[],
    positionCount: number,
  ) {
    const last = axes.at(-1);
    const [position = 0, ...others] = last?.positions ?? [];
    const count = last && others.length === 0 && last.count <= keptValues ? last.count : 0;
    this.#inner = Array.from({ length: count }, (_, i) => valuesAt.at(-1)?.(i)[0]);
    this.#innerPosition = position;
    // The inner axis starts at its end, so that the first step moves the outer axes.
    this.#innerDigit = count;
    this.#outer = count > 0 ? axes.slice(0, -1) : axes;
    this.#digits = this.#outer.map(() => 0);
    this.#current = Array.from({ length: positionCount });
  }

  next(): IteratorResult<T[]> {
    if (++this.#innerDigit < this.#inner.length) this.#current[this.#innerPosition] = this.#inner[this.#innerDigit];
    else if (!this.#carry()) return { done: true, value: undefined };
    this.#result.value = (
      this.#hasGaps ? this.#current.filter((one) => one !== undefined) : this.#current.slice()
    ) as T[];
    return this.#result;
  }

  /** Advances the outer axes and resets the inner one. Returns false after the last point. */
  #carry(): boolean {
    if (!(this.#started ? this.#advance() : this.#start())) return false;
    if (this.#inner.length > 0) this.#current[this.#innerPosition] = this.#inner[0];
    this.#innerDigit = 0;
    return true;
  }

  #start(): boolean {
    this.#started = true;
    if (this.#outer.some(({ count }) => count === 0)) return false;
    for (let axis = 0; axis < this.#outer.length; axis++) this.#set(axis);
    return true;
  }

  #advance(): boolean {
    for (let axis = this.#outer.length - 1; axis >= 0; axis--) {
      const next = (this.#digits[axis] ?? 0) + 1;
      const wraps = next >= (this.#outer[axis]?.count ?? 0);
      this.#digits[axis] = wraps ? 0 : next;
      this.#set(axis);
      if (!wraps) return true;
    }
    return false;
  }

  #set(axis: number): void {
    const values = this.valuesAt[axis]?.(this.#digits[axis] ?? 0) ?? [];
    const positions = this.#outer[axis]?.positions ?? [];
    for (let i = 0; i < positions.length; i++) {
      const value = values[i];
      if (value === undefined) this.#hasGaps = true;
      this.#current[positions[i] ?? 0] = value;
    }
  }
}
