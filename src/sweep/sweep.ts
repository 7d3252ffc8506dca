import { keyElement, type Override, type PlainOverride } from './override.js';

/** The lazy cross-product of overrides. Points are numbered from 0; the last override varies fastest, as in Hydra. */
export interface Sweep {
  /** One per distinct key, at the position of its first mention, with its last value. */
  readonly overrides: readonly Override[];
  readonly count: number;
}

/** One point of a sweep: its number and one plain override per key. */
export interface Point {
  readonly index: number;
  readonly overrides: readonly PlainOverride[];
}

/** The sweep over these overrides. A key given twice keeps its first position and its last value, as in Hydra. */
export function sweepOf(overrides: readonly Override[]): Sweep {
  const byKey = new Map<string, Override>();
  for (const override of overrides) byKey.set(keyElement(override), override);
  const distinct = [...byKey.values()];
  return { overrides: distinct, count: distinct.reduce((count, { choices }) => count * width(choices), 1) };
}

/** The point with this number, found without walking the ones before it. */
export function pointAt({ overrides }: Sweep, index: number): Point {
  const plain: PlainOverride[] = new Array(overrides.length);
  let rest = index;
  for (let i = overrides.length - 1; i >= 0; i--) {
    const override = overrides[i];
    if (!override) continue;
    const choices = width(override.choices);
    plain[i] = { override, element: override.choices[rest % choices] };
    rest = Math.floor(rest / choices);
  }
  return { index, overrides: plain };
}

/** All points in order, made one at a time. */
export function* points(sweep: Sweep): Generator<Point> {
  for (let index = 0; index < sweep.count; index++) yield pointAt(sweep, index);
}

/** The overrides that take more than one value. */
export function sweptOverrides({ overrides }: Sweep): Override[] {
  return overrides.filter(({ choices }) => choices.length > 1);
}

/** An override without a value (`~key`) is one choice: to delete. */
function width(choices: readonly unknown[]): number {
  return Math.max(1, choices.length);
}
