import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import {
  exactSize,
  parseOverride,
  pointAt,
  points,
  type Selection,
  type SweepRequest,
  selectPoints,
  sourceToken,
  sweepOf,
  tokens,
} from '../../src/sweep/index.js';

const overridesOf = (words: readonly string[]) => words.map((word) => parseOverride(word));
const sweep = (...words: string[]) => sweepOf({ overrides: overridesOf(words) });
const spelled = (...words: string[]) => [...points(sweep(...words))].map(({ overrides }) => overrides.map(sourceToken));

/** The points as one line each, with their numbers. */
function selected(words: readonly string[], selection: Selection, request: Partial<SweepRequest> = {}): string[] {
  const one = sweepOf({ overrides: overridesOf(words), ...request });
  return [...selectPoints(one, selection)].map(
    ({ index, overrides }) => `${index} ${overrides.map(sourceToken).join(' ')}`,
  );
}

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MlxError) return error.failure.reason;
    throw error;
  }
  return 'no error';
}

test('the last override varies fastest', () => {
  expect(spelled('lr=1e-3,1e-2', 'seed=1,2')).toEqual([
    ['lr=1e-3', 'seed=1'],
    ['lr=1e-3', 'seed=2'],
    ['lr=1e-2', 'seed=1'],
    ['lr=1e-2', 'seed=2'],
  ]);
});

test('a key given twice keeps its first place and its last value', () => {
  expect(spelled('a=1,2', 'b=x', 'a=9')).toEqual([['a=9', 'b=x']]);
});

test('no overrides are one point, an empty range none', () => {
  expect(spelled()).toEqual([[]]);
  expect(spelled('a=range(3,1)', 'b=1,2')).toEqual([]);
});

test('a point found by its number is the one that iteration gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), (widths) => {
      const one = sweep(...widths.map((width, i) => `k${i}=${Array.from({ length: width }, (_, j) => j).join(',')}`));
      const all = [...points(one)];
      expect(all).toHaveLength(widths.reduce((product, width) => product * width, 1));
      for (const point of all) expect(pointAt(one, point.index)).toEqual(point);
      const words = all.map(({ overrides }) => overrides.map(sourceToken));
      expect([...tokens(one, sourceToken)]).toEqual(words);
      expect(new Set(words.map((word) => word.join(' '))).size).toBe(all.length);
    }),
  );
});

test('a sweep of any size is counted at once, entered anywhere, and begun at once', () => {
  const huge = sweep('a=range(0,1e6,1)', 'b=range(1000000)', 'c=shuffle(range(1000000))', 'd=range(0,1e15,0.1)');
  expect(exactSize(huge)).toBe(10n ** 18n * 10n ** 16n);
  expect(
    pointAt(sweep('a=range(1000)', 'b=range(1000)', 'c=range(1000)'), 999_999_998).overrides.map(sourceToken),
  ).toEqual(['a=999', 'b=999', 'c=998']);
  const [first] = tokens(huge, sourceToken);
  expect(first).toMatchObject(['a=0.0', 'b=0', expect.stringMatching(/^c=\d+$/), 'd=0.0']);
});

describe('keys that move together', () => {
  test('go side by side, at the place of the first of them', () => {
    const zip = [['a', 'c']];
    expect(selected(['a=1,2', 'b=x,y', 'c=range(3,5)'], {}, { zip })).toEqual([
      '0 a=1 b=x c=3',
      '1 a=1 b=y c=3',
      '2 a=2 b=x c=4',
      '3 a=2 b=y c=4',
    ]);
  });

  test.for<[words: string[], zip: string[][], reason: string]>([
    [['a=1,2', 'b=1,2,3'], [['a', 'b']], 'zip-lengths'],
    [['a=1,2'], [['a', 'c']], 'zip-key'],
    [
      ['a=1,2', 'b=1,2', 'c=1,2'],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'zip-key',
    ],
    [['a=1,2'], [['a', 'a']], 'zip-key'],
  ])('%j %j is refused', ([words, zip, reason]) => {
    expect(reasonOf(() => sweepOf({ overrides: overridesOf(words), zip }))).toBe(reason);
  });
});

describe('which points', () => {
  const grid = ['a=1,2', 'b=x,y'];

  test('repetitions stand together, and count', () => {
    expect(selected(['a=1,2'], { repeat: 2 })).toEqual(['0 a=1', '1 a=1', '2 a=2', '3 a=2']);
  });

  test('one point alone keeps its number', () => {
    expect(selected(grid, { only: 2 })).toEqual(['2 a=2 b=x']);
    expect(reasonOf(() => selected(grid, { only: 4 }))).toBe('no-such-point');
  });

  test('points that are left out leave the numbers of the others', () => {
    expect(selected(grid, { skipped: new Set([0, 2]) })).toEqual(['1 a=1 b=y', '3 a=2 b=y']);
  });

  test('points given one by one come before the overrides, and may have keys of their own', () => {
    const rows = [overridesOf(['lr=1', '+k=2']), overridesOf(['lr=2'])];
    expect(selected(['seed=1,2'], {}, { rows })).toEqual([
      '0 lr=1 +k=2 seed=1',
      '1 lr=1 +k=2 seed=2',
      '2 lr=2 seed=1',
      '3 lr=2 seed=2',
    ]);
    expect(reasonOf(() => sweepOf({ overrides: overridesOf(['lr=3']), rows }))).toBe('key-in-points');
    expect(reasonOf(() => selected([], {}, { rows: [overridesOf(['lr=1,2'])] }))).toBe('nested-sweep');
  });
});

describe('samples', () => {
  const words = (size: number) => [`a=range(${size})`, 'b=x,y'];

  test('draw no point twice, all of them in the end, and the smaller one first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, seed) => {
        const all = selected(words(size), { sample: 10_000 }, { seed }).map((line) => line.replace(/^\d+ /, ''));
        expect(new Set(all).size).toBe(2 * size);
        const some = selected(words(size), { sample: size }, { seed });
        expect(some.map((line) => line.replace(/^\d+ /, ''))).toEqual(all.slice(0, size));
        expect(some[0]?.startsWith('0 ')).toBe(true);
      }),
    );
  });

  test('depend on the seed alone', () => {
    const draw = (seed: number) => selected(['lr=tag(log,interval(1e-5,1e-1))', 'a=range(9)'], { sample: 5 }, { seed });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    // What a seed means must never change: a launch of before is finished by what it draws.
    expect(draw(7)).toMatchSnapshot();
  });

  test('reach all parts of an interval alike, with log of its logarithm', () => {
    const drawn = (interval: string) =>
      [...selectPoints(sweep(`x=${interval}`), { sample: 4000 })].map(({ overrides: [one] }) =>
        Number(one && sourceToken(one).slice(2)),
      );
    const share = (values: number[], below: number) => values.filter((value) => value < below).length / values.length;
    const uniform = drawn('interval(2,4)');
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...uniform)).toBeLessThanOrEqual(4);
    expect(share(uniform, 3)).toBeCloseTo(0.5, 1);
    expect(share(drawn('tag(log,interval(1e-4,1e-0))'), 1e-2)).toBeCloseTo(0.5, 1);
    const ints = [...selectPoints(sweep('x=int(interval(1,6))', 'y=interval(0,1)'), { sample: 600 })];
    const counts = ints.map(({ overrides: [one] }) => one && sourceToken(one));
    expect([...new Set(counts)].sort()).toEqual(['x=1', 'x=2', 'x=3', 'x=4', 'x=5', 'x=6']);
  });

  test('of a sweep that can not be counted stop when nothing new is found', () => {
    expect(reasonOf(() => selected(['x=int(interval(1,3))'], { sample: 4 }))).toBe('sample-exhausted');
    expect(selected(['x=int(interval(1,3))'], { sample: 3 })).toHaveLength(3);
  });

  test('are what an interval needs', () => {
    expect(reasonOf(() => selected(['x=interval(0,1)'], {}))).toBe('interval-unsampled');
    expect(reasonOf(() => selected(['x=interval(1,0)'], { sample: 1 }))).toBe('bad-interval');
    expect(reasonOf(() => selected(['x=tag(log,interval(0,1))'], { sample: 1 }))).toBe('bad-interval');
  });
});

test('a shuffled sweep has each value once, in an order that its seed gives', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), (size, seed) => {
      const order = (s: number) =>
        selected([`a=shuffle(range(${size}))`], {}, { seed: s }).map((line) => line.split('=')[1]);
      expect(
        order(seed)
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: size }, (_, i) => i));
      expect(order(seed)).toEqual(order(seed));
    }),
  );
});
