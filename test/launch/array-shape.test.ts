import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EngineTarget, jobShape, planTarget } from '../../src/launch/index.js';
import { defaultSettings } from '../../src/settings/index.js';
import { noDependencies } from '../../src/store/index.js';

const waiting = () => ({ after: noDependencies, chain: false });
const { target } = await planTarget({}, { chosen: 'slurm', settings: defaultSettings, waiting });
const shape = (runs: number, more: Partial<EngineTarget> = {}) =>
  jobShape({ ...(target as EngineTarget), ...more }, runs);

describe('the jobs of a launch', () => {
  test('are an array from 33 jobs on', () => {
    expect([shape(32), shape(33)]).toEqual([
      { count: 32, arrays: false },
      { count: 33, arrays: true },
    ]);
  });

  test('are counted after they are packed', () => {
    expect([shape(64, { pack: 2 }), shape(65, { pack: 2 })]).toEqual([
      { count: 32, arrays: false },
      { count: 33, arrays: true },
    ]);
  });

  test('are an array of two if that is asked for, but never of one', () => {
    expect([shape(1, { array: 'always' }), shape(2, { array: 'always' })]).toEqual([
      { count: 1, arrays: false },
      { count: 2, arrays: true },
    ]);
  });

  test('are no array if none is wanted', () => {
    expect(shape(1000, { array: 'never' })).toEqual({ count: 1000, arrays: false });
  });

  test('that wait for one another are no array', () => {
    expect(shape(1000, { array: 'always', chain: true })).toEqual({ count: 1000, arrays: false });
  });

  test('of which only some may be in the engine at once are no array', () => {
    expect(shape(1000, { array: 'always', maxQueued: 500 })).toEqual({ count: 1000, arrays: false });
  });

  test('of which only some may run at once are an array', () => {
    expect(shape(1000, { maxRunning: 5 })).toEqual({ count: 1000, arrays: true });
  });

  test('have room for all runs, and none is empty', () => {
    const number = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(number, number, (runs, pack) => {
        const { count } = shape(runs, { pack });
        expect(count * pack).toBeGreaterThanOrEqual(runs);
        expect((count - 1) * pack).toBeLessThan(runs);
      }),
    );
  });
});
