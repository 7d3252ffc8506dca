import type { PlainOverride } from './override.js';
import type { Axis, Sweep } from './sweep.js';

/** As many values of an axis are kept ready; of longer axes each is made anew. */
const keptValues = 10_000;

/**
 * The cross-product with each value turned into something else. An iterator by hand, since it is asked for each of a million
 * points: it copies the point before, in which mostly only the last place has changed.
 */
export function product<T>(
  { axes, places }: Pick<Sweep, 'axes' | 'places'>,
  turn: (override: PlainOverride) => T,
): Iterable<T[]> {
  const valuesAt = axes.map((axis) => turnedValues(axis, turn));
  return { [Symbol.iterator]: () => new Product(axes, valuesAt, places) };
}

type TurnedValues<T> = (index: number) => readonly (T | undefined)[];

function turnedValues<T>({ at, count }: Axis, turn: (override: PlainOverride) => T): TurnedValues<T> {
  const make = (index: number) => at(index).map((override) => override && turn(override));
  if (count > keptValues) return make;
  const kept: (readonly (T | undefined)[])[] = [];
  return (index) => {
    kept[index] ??= make(index);
    return kept[index];
  };
}

class Product<T> implements Iterator<T[]> {
  /** The axes but the inner one, and where each stands. */
  readonly #outer: readonly Axis[];
  readonly #digits: number[];
  /** The values of the axis that varies fastest; empty where they are too many, or for several places. */
  readonly #inner: readonly (T | undefined)[];
  readonly #innerPlace: number;
  #innerDigit: number;
  readonly #current: (T | undefined)[];
  /** Whether a point may lack what others have. */
  #ragged = false;
  #begun = false;
  readonly #result: { done: false; value: T[] } = { done: false, value: [] };

  constructor(
    axes: readonly Axis[],
    readonly valuesAt: readonly TurnedValues<T>[],
    places: number,
  ) {
    const last = axes.at(-1);
    const [place = 0, ...others] = last?.places ?? [];
    const count = last && others.length === 0 && last.count <= keptValues ? last.count : 0;
    this.#inner = Array.from({ length: count }, (_, i) => valuesAt.at(-1)?.(i)[0]);
    this.#innerPlace = place;
    // At its end, so that the first step is one of the outer axes.
    this.#innerDigit = count;
    this.#outer = count > 0 ? axes.slice(0, -1) : axes;
    this.#digits = this.#outer.map(() => 0);
    this.#current = Array.from({ length: places });
  }

  next(): IteratorResult<T[]> {
    if (++this.#innerDigit < this.#inner.length) this.#current[this.#innerPlace] = this.#inner[this.#innerDigit];
    else if (!this.#carry()) return { done: true, value: undefined };
    this.#result.value = (
      this.#ragged ? this.#current.filter((one) => one !== undefined) : this.#current.slice()
    ) as T[];
    return this.#result;
  }

  /** Moves the outer axes on, and the inner one to its beginning. */
  #carry(): boolean {
    if (!(this.#begun ? this.#moveOn() : this.#begin())) return false;
    if (this.#inner.length > 0) this.#current[this.#innerPlace] = this.#inner[0];
    this.#innerDigit = 0;
    return true;
  }

  #begin(): boolean {
    this.#begun = true;
    if (this.#outer.some(({ count }) => count === 0)) return false;
    for (let axis = 0; axis < this.#outer.length; axis++) this.#set(axis);
    return true;
  }

  #moveOn(): boolean {
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
    const places = this.#outer[axis]?.places ?? [];
    for (let i = 0; i < places.length; i++) {
      const value = values[i];
      if (value === undefined) this.#ragged = true;
      this.#current[places[i] ?? 0] = value;
    }
  }
}
