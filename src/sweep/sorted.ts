import { add, lessThan, magnitude, negative } from '../values/index.js';
import type { Refuse } from './casts.js';
import type { Element, OverrideValue, RangeSweep } from './override.js';

/** A value in Python's order, as Hydra's `sort` gives it. */
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

/** A stable sort as Python's `sorted`, which turns the list around before and after for `reverse`. */
function inOrder(items: readonly OverrideValue[], reverse: boolean, refuse: Refuse): OverrideValue[] {
  const less = (a: OverrideValue, b: OverrideValue) => {
    return lessThan(comparable(a), comparable(b)) ?? refuse({ kind: 'no-order' }, b.span);
  };
  const ascending = (reverse ? items.toReversed() : [...items]).sort((a, b) => (less(a, b) ? -1 : 1));
  return reverse ? ascending.reverse() : ascending;
}

/** A value as `lessThan` takes it. Text in quotes has no order in Hydra, where it stands in a list. */
function comparable(value: OverrideValue): unknown {
  if (value.kind === 'list') return value.items.map(comparable);
  return value.kind === 'plain' ? value.value : {};
}

/** Hydra moves the end points by a step, which is exact for ints only. */
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

/** A value without the spelling of its user: what a function makes is written as Hydra writes it. */
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
