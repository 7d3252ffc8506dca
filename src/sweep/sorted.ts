import { add, lessThan, magnitude, negative } from '../values/index.js';
import type { Refuse } from './casts.js';
import type { Element, OverrideValue, RangeSweep } from './override.js';

/** Sorts a value in Python's order, as Hydra's `sort` does. Calls `refuse` for values without an order. */
export function sorted(value: OverrideValue, reverse: boolean, refuse: Refuse): OverrideValue {
  switch (value.kind) {
    case 'choice':
      return { ...value, items: inOrder(value.items, reverse, refuse).map(asMade) };
    case 'list':
      return asMade({ ...value, items: inOrder(value.items, reverse, refuse) });
    case 'range':
      return sortedRange(value, reverse);
    default:
      return asMade(value);
  }
}

/**
 * Sorts like Python's `sorted`. To keep equal items in
 * order, `reverse` turns the list around before and after.
 */
function inOrder(items: readonly OverrideValue[], reverse: boolean, refuse: Refuse): OverrideValue[] {
  const less = (a: OverrideValue, b: OverrideValue) => {
    return lessThan(comparable(a), comparable(b)) ?? refuse({ kind: 'no-order' }, b.span);
  };
  const ascending = (reverse ? items.toReversed() : [...items]).sort((a, b) => (less(a, b) ? -1 : 1));
  return reverse ? ascending.reverse() : ascending;
}

/** Returns a value for `lessThan`. In Hydra, text in quotes inside a list has no order. */
function comparable(value: OverrideValue): unknown {
  if (value.kind === 'list') return value.items.map(comparable);
  return value.kind === 'plain' ? value.value : {};
}

/** Sorts a range as Hydra does: it moves the ends by a step, which is exact for ints only. */
function sortedRange(range: RangeSweep, reverse: boolean): RangeSweep {
  const { start, stop, step } = range;
  const size = magnitude(step);
  if (!reverse && start > stop) {
    return { ...range, start: add(stop, size), stop: add(start, size), step: negative(step) };
  }
  if (reverse && start < stop) {
    return { ...range, start: add(stop, negative(size)), stop: add(start, negative(size)), step: negative(step) };
  }
  return range;
}

/** Marks a value as made by a function, so that it is printed in Hydra's spelling. */
function asMade(value: OverrideValue): OverrideValue {
  switch (value.kind) {
    case 'list':
      return { ...value, items: value.items.map(asMade), made: true } satisfies Element;
    case 'dict':
      return {
        ...value,
        entries: value.entries.map(({ key, value: item }) => ({ key, value: asMade(item) })),
        made: true,
      };
    case 'plain':
    case 'quoted':
      return { ...value, made: true };
    default:
      return value;
  }
}
