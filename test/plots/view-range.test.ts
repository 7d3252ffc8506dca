import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CurvePoint, clipped, plotRange, roundedOut, viewRange } from '../../src/plots/index.js';

const course = (count: number, value: (i: number) => number) => Array.from({ length: count }, (_, i) => value(i));
/** A loss that falls from 8 to 0.1. */
const falling = (count: number, bend = 5) => course(count, (i) => 0.1 + 7.9 * Math.exp((-bend * i) / count));
const diverging = (count: number) => course(count, (i) => 8 * 10 ** ((79 * i) / count));
const linear = { log: false };

describe('the range of an axis', () => {
  const normal: Record<string, number[][]> = {
    'a loss that falls from 8 to 0.1': [falling(100)],
    'one that falls at once, and stays': [course(2000, (i) => (i < 3 ? 8 - i : 0.1 + 0.001 * Math.sin(i)))],
    'a spike': [falling(500).map((y, i) => (i === 250 ? 100 : y))],
    'a warm-up that goes up first': [course(300, (i) => (i < 20 ? 2 + 3 * i : 0.1 + 20 / i))],
    'two runs that never meet': [course(50, (i) => 0.11 + 0.001 * i), course(50, (i) => 8 - 0.05 * i)],
    'many dead runs, and one that learns': [
      ...course(17, (i) => i).map((i) => course(40, (j) => 0.1 + 1e-4 * Math.sin(i + j))),
      course(40, (j) => 0.1 + (0.89 * j) / 40),
    ],
    'a third that is an order of magnitude worse': [
      ...course(12, () => 0).map(() => falling(50)),
      ...course(6, () => 0).map(() => course(50, () => 60)),
    ],
    'all zeros and a one': [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ],
    accuracies: course(9, (i) => i).map((i) => course(20, (j) => (j / 20) * (0.5 + i / 20))),
    'one value': [[3]],
  };
  test.for(Object.entries(normal))('is all of it for %s', ([, courses]) => {
    const values = courses.flat();
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const range = viewRange(courses, linear);
    expect(range!.low).toBeLessThanOrEqual(least);
    expect(range!.high).toBeGreaterThanOrEqual(most);
    if (least < most) expect(range).toEqual({ low: least, high: most });
  });

  const squashed: Record<string, number[][]> = {
    'one of 18 runs that diverges': [...course(17, () => 0).map(() => falling(40)), diverging(40)],
    'one of 18 runs that has diverged by its first value': [
      ...course(17, () => 0).map(() => falling(40)),
      course(3, (i) => 1e20 * 10 ** i),
    ],
    'three of 18 runs, each to another size': [
      ...course(15, () => 0).map(() => falling(40)),
      course(40, (i) => 8 * 3 ** i),
      course(40, (i) => 8 * 1.5 ** i),
      diverging(40),
    ],
    'a third of them': [...course(6, () => 0).map(() => falling(40)), ...course(3, () => 0).map(() => diverging(40))],
    'one of two': [falling(40), diverging(40)],
    'one of three': [falling(40), falling(40), diverging(40)],
    'one value among many of a single run': [falling(500).map((y, i) => (i === 250 ? 1e9 : y))],
  };
  test.for(Object.entries(squashed))('is without what is far out for %s', ([, courses]) => {
    const range = viewRange(courses, linear);
    expect(range!.low).toBeCloseTo(Math.min(...courses.flat()), 9);
    expect(range!.high).toBeGreaterThanOrEqual(8);
    expect(range!.high).toBeLessThan(100);
    const below = courses.map((ys) => ys.map((y) => -y));
    expect(viewRange(below, linear)!.low).toBeGreaterThan(-100);
  });

  test('on a logarithmic axis is without what is many decades away, and shows what converges', () => {
    const many = course(17, () => 0).map(() => falling(40));
    expect(viewRange([...many, diverging(40)], { log: true })!.high).toBe(8);
    const converging = course(40, (i) => 10 ** (-i / 3));
    expect(viewRange([...many, converging], { log: true })!.low).toBe(Math.min(...converging));
    expect(viewRange([...many, course(40, () => 1e4)], { log: true })!.high).toBe(1e4);
  });

  test('has the ends that a user has said, and an extent whatever they are', () => {
    const courses = [
      [1, 2, 3],
      [2, 3, 1e30],
      [1, 1, 1],
    ];
    expect(viewRange(courses, { log: false, low: 0, high: 1e30 })).toEqual({ low: 0, high: 1e30 });
    expect(viewRange(courses, { log: false, high: -5 })).toEqual({ low: -5.5, high: -5 });
    expect(viewRange(courses, { log: true, low: 1e40 })).toEqual({ low: 1e40, high: 2e40 });
  });

  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.constant(Number.NaN),
  );
  const courses = fc.array(fc.array(value, { maxLength: 30 }), { minLength: 1, maxLength: 20 });
  test('contains at least half of the courses but for single values, and is there where any value is', () => {
    fc.assert(
      fc.property(courses, (all) => {
        const range = viewRange(all, linear);
        const valued = all.filter((ys) => ys.some((y) => !Number.isNaN(y)));
        expect(range === undefined).toBe(valued.length === 0);
        if (!range) return;
        expect(range.low).toBeLessThan(range.high);
        const inside = (y: number) => Number.isNaN(y) || (y >= range.low && y <= range.high);
        const mostly = valued.filter((ys) => ys.filter(inside).length >= ys.length * 0.9);
        expect(mostly.length).toBeGreaterThanOrEqual(Math.floor(valued.length / 2));
      }),
    );
  });

  test('no value beyond it goes untold', () => {
    fc.assert(
      fc.property(courses, (all) => {
        const curves = all.map((ys) => ({ runs: [1], key: [], points: ys.map((y, x) => ({ x, y })), gaps: 0 }));
        const range = plotRange(curves, linear);
        if (!range) return;
        const values = all.flat().filter((y) => !Number.isNaN(y));
        const [least, most] = [Math.min(...values), Math.max(...values)];
        expect(range.lowest).toBe(least < range.low ? least : undefined);
        expect(range.highest).toBe(most > range.high ? most : undefined);
        expect(range.leaving).toBe(all.filter((ys) => ys.some((y) => y < range.low || y > range.high)).length);
        if (range.highest !== undefined) expect(Number(roundedOut(range.highest, true))).toBeGreaterThanOrEqual(most);
        if (range.lowest !== undefined) expect(Number(roundedOut(range.lowest, false))).toBeLessThanOrEqual(least);
      }),
    );
  });

  test.for([
    [2.1841467433308296e79, true, '2.2e79'],
    [1.18e79, true, '1.2e79'],
    [9.96, true, '10'],
    [100, true, '100'],
    [-2.885e78, false, '-2.9e78'],
    [0.0123, false, '0.012'],
    [Number.MAX_VALUE, true, '1.7976931348623157e308'],
  ] as const)('%d is rounded outwards (up: %s) to %s', ([number, isUp, text]) => {
    expect(roundedOut(number, isUp)).toBe(text);
  });
});

describe('a curve that leaves the picture', () => {
  const at = (...ys: number[]) => ys.map((y, x) => ({ x, y }));
  const range = { low: 0, high: 10 };

  test('ends at the edge where it leaves, and begins there where it comes back', () => {
    expect(clipped(at(0, 20, 0), range, false)).toEqual({
      pieces: [
        [
          { x: 0, y: 0 },
          { x: 0.5, y: 10 },
        ],
        [
          { x: 1.5, y: 10 },
          { x: 2, y: 0 },
        ],
      ],
      leaves: [{ x: 0.5, isAbove: true }],
    });
    expect(clipped(at(20, Number.NaN, -5, -6), range, false)).toEqual({
      pieces: [],
      leaves: [
        { x: 0, isAbove: true },
        { x: 2, isAbove: false },
      ],
    });
    expect(clipped(at(-10, 20), range, false).pieces).toEqual([
      [
        { x: expect.closeTo(1 / 3), y: 0 },
        { x: expect.closeTo(2 / 3), y: 10 },
      ],
    ]);
    const { leaves } = clipped(at(1, 1e4), { low: 0.1, high: 100 }, true);
    expect(leaves).toEqual([{ x: 0.5, isAbove: true }]);
  });

  test('is drawn within the range, all of it that is there, and has a mark for each way out', () => {
    const y = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -20, max: 20 }),
      fc.constant(Number.NaN),
    );
    fc.assert(
      fc.property(fc.array(y, { maxLength: 40 }), (ys) => {
        const points: CurvePoint[] = at(...ys);
        const { pieces, leaves } = clipped(points, range, false);
        const drawn = pieces.flat();
        expect(drawn.every((point) => point.y >= 0 && point.y <= 10 && Number.isFinite(point.x))).toBe(true);
        for (const point of points) if (point.y >= 0 && point.y <= 10) expect(drawn).toContainEqual(point);
        const side = (value: number | undefined) =>
          value === undefined || Number.isNaN(value) ? 0 : value > 10 ? 1 : value < 0 ? -1 : 0;
        const ways = ys.filter((one, i) => side(one) !== 0 && side(one) !== side(ys[i - 1]));
        expect(leaves.map(({ isAbove }) => isAbove)).toEqual(ways.map((one) => one > 10));
      }),
    );
  });
});
