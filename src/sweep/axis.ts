import { fail } from '../failures/index.js';
import type { Numeric } from '../values/index.js';
import { floatRange, type RangeProblem } from './float-range.js';
import {
  type Element,
  type IntervalSweep,
  type Override,
  type OverrideValue,
  type PlainOverride,
  type RangeSweep,
  requireElement,
} from './override.js';
import { permutation } from './random.js';

/** Overrides that change together from point to point: one swept override, or several that are zipped. */
export interface Axis {
  /** The positions of these overrides in a point, in the order of the values that `at` returns. */
  readonly positions: readonly number[];
  readonly count: number;
  /** Returns one override per position; undefined for a key that this point does not have. */
  readonly at: (index: number) => readonly (PlainOverride | undefined)[];
}

/** The values of one override in order. Each is made on request. */
export interface Choices {
  readonly count: number;
  /** Undefined for `~key`. */
  readonly at: (index: number) => Element | undefined;
}

/** The values that an override takes, or the interval from which they are drawn. */
type Values = Choices | IntervalSweep;

/**
 * Returns the values of an override; `seed` decides the order after `shuffle()`.
 * Throws `nested-sweep`, `sweep-function` for a range without values, and `glob-unexpanded`.
 */
export function valuesOf(override: Override, seed: number): Values {
  const { value } = override;
  if (value === undefined) return { count: 1, at: () => undefined };
  switch (value.kind) {
    case 'choice':
      return shuffled(value.shuffle, seed, choicesOf(value.items));
    case 'range':
      return shuffled(value.shuffle, seed, rangeOf(value));
    case 'interval':
      return value;
    case 'glob':
      return fail({ reason: 'glob-unexpanded', key: override.key, span: value.span });
    default: {
      const only = requireElement(value);
      return { count: 1, at: () => only };
    }
  }
}

function choicesOf(items: readonly OverrideValue[]): Choices {
  const elements = items.map(requireElement);
  return { count: elements.length, at: (index) => elements[index] };
}

function shuffled(shuffle: boolean, seed: number, choices: Choices): Choices {
  if (!shuffle) return choices;
  const order = permutation(seed, choices.count);
  return { count: choices.count, at: (index) => choices.at(order(index)) };
}

const isFloat = (value: Numeric) => typeof value === 'number';

function rangeOf(range: RangeSweep): Choices {
  const { start, stop, step, span } = range;
  const made = (value: number | bigint): Element => ({ kind: 'plain', value, span, made: true });
  const values = [start, stop, step].some(isFloat) ? floatRange(start, stop, step) : intRange(start, stop, step);
  if (typeof values === 'string') {
    const problem = { kind: values } as const;
    return fail({ reason: 'sweep-function', name: 'range', usage: 'range(START,STOP,STEP)', problem, span });
  }
  return { count: Number(values.count), at: (index) => made(values.at(BigInt(index))) };
}

interface IntRange {
  readonly count: bigint;
  readonly at: (index: bigint) => bigint;
}

function intRange(start: Numeric, stop: Numeric, step: Numeric): IntRange | RangeProblem {
  const [from, to, by] = [BigInt(start), BigInt(stop), BigInt(step)];
  if (by === 0n) return 'step-zero';
  const count = (to - from + by - (by > 0n ? 1n : -1n)) / by;
  return { count: count > 0n ? count : 0n, at: (index: bigint) => from + by * index };
}
