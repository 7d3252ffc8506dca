import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuShare, type RunUsage, usageHints } from '../../src/runs/index.js';
import type { CompleteRun, RunStatus } from '../../src/store/index.js';

const mib = 2 ** 20;

/** What a run used; it is COMPLETE unless something else is said. */
function usage(used: Omit<Partial<RunUsage>, 'run'>, status: RunStatus['status'] = 'COMPLETE', reason?: string) {
  const run = { id: 1, status: { status, reason } } as CompleteRun;
  return { run, ...used } as RunUsage;
}

const hints = (...used: Omit<Partial<RunUsage>, 'run'>[]) => usageHints(used.map((one) => usage(one)));

describe('a shorter time', () => {
  test('is advised if the longest run took less than half of its limit: a quarter more than it took, in minutes', () => {
    expect(hints({ seconds: 100, timeLimit: 3600 }, { seconds: 500, timeLimit: 3600 })).toEqual([
      { about: 'time', longest: 500, limit: 3600, next: 660 },
    ]);
  });

  test('is at least a minute', () => {
    expect(hints({ seconds: 0.1, timeLimit: 3600 })).toMatchObject([{ next: 60 }]);
  });

  test('is not advised if one run took half of it', () => {
    expect(hints({ seconds: 100, timeLimit: 3600 }, { seconds: 1800, timeLimit: 3600 })).toEqual([]);
  });

  test('is not advised if the limit is short anyhow', () => {
    expect(hints({ seconds: 1, timeLimit: 599 })).toEqual([]);
    expect(hints({ seconds: 1, timeLimit: 600 })).toMatchObject([{ about: 'time' }]);
  });
});

describe('fewer CPUs', () => {
  test('are advised if less than half of them were busy', () => {
    expect(hints({ seconds: 100, cpuSeconds: 100, cpus: 8 })).toEqual([
      { about: 'cpus', share: 0.125, cpus: 8, next: 2 },
    ]);
  });

  test('are not advised if one run kept half of them busy', () => {
    const idle = { seconds: 100, cpuSeconds: 100, cpus: 8 };
    expect(hints(idle, { ...idle, cpuSeconds: 400 })).toEqual([]);
  });

  test('are not advised if there is one', () => {
    expect(hints({ seconds: 100, cpuSeconds: 1, cpus: 1 })).toEqual([]);
  });

  test('are not advised if as many would be needed with the reserve', () => {
    expect(hints({ seconds: 100, cpuSeconds: 90, cpus: 2 })).toEqual([]);
  });
});

describe('less memory', () => {
  test('is advised if less than half of it was used, in steps of 64M', () => {
    expect(hints({ peakMemory: 100 * mib, memory: 1024 * mib })).toEqual([
      { about: 'memory', peak: 100 * mib, memory: 1024 * mib, next: 128 * mib },
    ]);
  });

  test('is not advised if the next step is no less', () => {
    expect(hints({ peakMemory: 10 * mib, memory: 64 * mib })).toEqual([]);
  });
});

test('busy GPUs are no reason for a hint, idle ones are', () => {
  expect(hints({ gpus: 2, gpuUse: 0.5 })).toEqual([]);
  expect(hints({ gpus: 2, gpuUse: 0.2 }, { gpus: 2, gpuUse: 0.3 })).toEqual([{ about: 'gpus', share: 0.3, gpus: 2 }]);
});

test('runs that were killed for their memory are named', () => {
  expect(usageHints([usage({}, 'FAILED', 'out of memory (limit 1G)'), usage({}, 'FAILED', 'exit code 1')])).toEqual([
    { about: 'out-of-memory', runs: [1] },
  ]);
});

test('only runs that are complete say what is needed', () => {
  expect(usageHints([usage({ seconds: 1, timeLimit: 3600 }, 'FAILED')])).toEqual([]);
});

test('nothing is advised if nothing is known', () => {
  expect(hints({}, {})).toEqual([]);
  expect(usageHints([])).toEqual([]);
});

test('what is advised is less than what was asked for, and enough for all runs', () => {
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const seconds = fc.integer({ min: 1, max: 10 ** 6 });
  const bytes = fc.integer({ min: 1, max: 2 ** 40 });
  const [cpus, timeLimit, memory] = [maybe(fc.integer({ min: 1, max: 256 })), maybe(seconds), maybe(bytes)];
  const used = fc.record({ seconds: maybe(seconds), cpuSeconds: maybe(seconds), peakMemory: maybe(bytes) });
  fc.assert(
    fc.property(fc.record({ cpus, timeLimit, memory }), fc.array(used, { maxLength: 5 }), (asked, all) => {
      const usages = all.map((one) => usage({ ...one, ...asked }));
      for (const hint of usageHints(usages)) {
        if (hint.about === 'time') {
          expect(hint.next).toBeLessThan(hint.limit);
          for (const one of usages) expect(hint.next).toBeGreaterThanOrEqual(one.seconds ?? 0);
        } else if (hint.about === 'cpus') {
          expect(hint.next).toBeLessThan(hint.cpus);
          for (const one of usages) expect(hint.next).toBeGreaterThanOrEqual((cpuShare(one) ?? 0) * hint.cpus);
        } else if (hint.about === 'memory') {
          expect(hint.next).toBeLessThan(hint.memory);
          for (const one of usages) expect(hint.next).toBeGreaterThanOrEqual(one.peakMemory ?? 0);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("a run's share of its CPUs is not known without its time, its CPUs and what it used", () => {
  const whole = { seconds: 10, cpuSeconds: 10, cpus: 2 };
  expect(cpuShare(usage(whole))).toBe(0.5);
  const parts = [{ seconds: undefined }, { seconds: 0 }, { cpuSeconds: undefined }, { cpus: undefined }];
  expect(parts.map((part) => cpuShare(usage({ ...whole, ...part })))).toEqual(parts.map(() => undefined));
});
