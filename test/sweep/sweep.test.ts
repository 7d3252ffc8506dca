import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOverride, pointAt, points, sourceToken, sweepOf } from '../../src/sweep/index.js';

const sweep = (...words: string[]) => sweepOf(words.map((word) => parseOverride(word)));
const tokens = (...words: string[]) => [...points(sweep(...words))].map(({ overrides }) => overrides.map(sourceToken));

test('the last override varies fastest', () => {
  expect(tokens('lr=1e-3,1e-2', 'seed=1,2')).toEqual([
    ['lr=1e-3', 'seed=1'],
    ['lr=1e-3', 'seed=2'],
    ['lr=1e-2', 'seed=1'],
    ['lr=1e-2', 'seed=2'],
  ]);
});

test('a key given twice keeps its first place and its last value', () => {
  expect(tokens('a=1,2', 'b=x', 'a=9')).toEqual([['a=9', 'b=x']]);
});

test('no overrides are one point', () => {
  expect(tokens()).toEqual([[]]);
});

test('a point found by its number is the one that iteration gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), (widths) => {
      const one = sweep(...widths.map((width, i) => `k${i}=${Array.from({ length: width }, (_, j) => j).join(',')}`));
      const all = [...points(one)];
      expect(all).toHaveLength(widths.reduce((product, width) => product * width, 1));
      for (const point of all) expect(pointAt(one, point.index)).toEqual(point);
      expect(new Set(all.map(({ overrides }) => overrides.map(sourceToken).join(' '))).size).toBe(all.length);
    }),
  );
});

test('a sweep of a billion points is counted at once and entered anywhere', () => {
  const choices = Array.from({ length: 1000 }, (_, i) => i).join(',');
  const huge = sweep(`a=${choices}`, `b=${choices}`, `c=${choices}`);
  expect(huge.count).toBe(1e9);
  expect(pointAt(huge, 999_999_999).overrides.map(sourceToken)).toEqual(['a=999', 'b=999', 'c=999']);
});
