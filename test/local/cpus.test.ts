import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowedCpus, CpuPool } from '../../src/local/index.js';

test('the CPUs that this process may use are as many as nproc counts, each once', () => {
  const cpus = allowedCpus();
  // It counts for OpenMP otherwise.
  const env = { PATH: process.env['PATH'] };
  expect(cpus).toHaveLength(Number(execFileSync('nproc', { encoding: 'utf8', env })));
  expect(new Set(cpus).size).toBe(cpus.length);
});

describe('a pool of CPUs', () => {
  test('gives no CPU to two runs, and as many as are asked for or none', () => {
    const step = fc.record({ run: fc.constantFrom('a', 'b', 'c', 'd'), count: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { maxLength: 8 }), fc.array(step), (cpus, steps) => {
        const pool = new CpuPool(cpus);
        const taken = new Map<string, readonly number[]>();
        for (const { run, count } of steps) {
          if (taken.has(run)) {
            pool.giveBack(run);
            taken.delete(run);
            continue;
          }
          const before = [...taken.values()].flat();
          const got = pool.take(count, run);
          const isEnough = cpus.length - before.length >= count;
          expect(got).toHaveLength(isEnough ? count : 0);
          for (const cpu of got) {
            expect(before).not.toContain(cpu);
            expect(cpus).toContain(cpu);
          }
          taken.set(run, got);
        }
      }),
    );
  });

  test('has nothing to take back from a run that has none', () => {
    const pool = new CpuPool([3]);
    pool.giveBack('a');
    expect(pool.take(2, 'a')).toEqual([]);
    pool.giveBack('a');
    expect(pool.take(1, 'b')).toEqual([3]);
  });

  test('takes CPUs back only once', () => {
    const pool = new CpuPool([3]);
    pool.take(1, 'a');
    pool.giveBack('a');
    pool.giveBack('a');
    expect([pool.take(1, 'b'), pool.take(1, 'c')]).toEqual([[3], []]);
  });
});
