import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { formatFlatRecord } from '../../src/core/flat-record.js';
import { processStart, thisProcess } from '../../src/core/process.js';
import { startHere } from '../../src/launch/index.js';
import { GpuPool, visibleGpus } from '../../src/local/index.js';
import { readLastAttempt } from '../../src/store/index.js';
import { eventsOf, forgetGpus, hereTarget, shPlan, storeDirectory, testOrigin } from '../rig/launches.js';
import { waitUntil } from '../rig/rig.js';

const prefix = `mlx-test-${process.pid}-`;
const reserved = join(tmpdir(), 'mlx-gpus');
let count = 0;
/** A GPU that no other test has. */
const newGpu = () => `${prefix}${count++}`;
const filesOf = (gpu: string) => readdirSync(reserved).filter((name) => name.startsWith(`${encodeURIComponent(gpu)}.`));

afterEach(() => forgetGpus(prefix));

describe('the GPUs that can be seen', () => {
  test.for<[string, string[]]>([
    ['0', ['0']],
    ['2,0', ['2', '0']],
    [' 1 , GPU-8932f937-d72c , MIG-x/1/0 ', ['1', 'GPU-8932f937-d72c', 'MIG-x/1/0']],
    ['', []],
    ['-1', []],
    ['0,-1,1', ['0']],
    ['0,,1', ['0']],
    ['NoDevFiles', ['NoDevFiles']],
  ])('are, with CUDA_VISIBLE_DEVICES=%s, %o', ([listed, gpus]) => {
    expect(visibleGpus({ CUDA_VISIBLE_DEVICES: listed })).toEqual(gpus);
  });

  test('are the devices of the machine without the variable', () => {
    const devices = readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name));
    expect(visibleGpus({})).toHaveLength(devices.length);
  });
});

describe('a pool of GPUs', () => {
  test('gives no GPU to two runs, of this pool or of another, and as many as are asked for or none', () => {
    const step = fc.record({
      pool: fc.nat(1),
      run: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const gpus = [newGpu(), newGpu(), newGpu()];
        const pools = [new GpuPool(gpus), new GpuPool(gpus)];
        const taken = new Map<string, readonly string[]>();
        for (const { pool, run, count: wanted } of steps) {
          const key = `${pool} ${run}`;
          if (taken.has(key)) {
            pools[pool]!.giveBack(key);
            taken.delete(key);
            continue;
          }
          const free = gpus.filter((gpu) => ![...taken.values()].flat().includes(gpu));
          const got = pools[pool]!.take(wanted, key);
          expect(got).toEqual(free.length >= wanted ? free.slice(0, wanted) : undefined);
          if (got) taken.set(key, got);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('keeps no GPU when too few are free', () => {
    const gpus = [newGpu(), newGpu()];
    expect(new GpuPool(gpus).take(3, 'a')).toBeUndefined();
    expect(new GpuPool(gpus).take(2, 'b')).toEqual(gpus);
  });

  test('takes GPUs whose names no file could have', () => {
    const gpu = `${newGpu()}/MIG 1;../x`;
    const pool = new GpuPool([gpu]);
    expect(pool.take(1, 'a')).toEqual([gpu]);
    expect(pool.take(1, 'b')).toBeUndefined();
  });

  test('does not mix up GPUs whose names begin alike', () => {
    const gpu = newGpu();
    const pool = new GpuPool([gpu, `${gpu}.1`, `${gpu}1`]);
    expect(pool.take(1, 'a')).toEqual([gpu]);
    expect(pool.take(2, 'b')).toEqual([`${gpu}.1`, `${gpu}1`]);
  });

  test('leaves the files of one reservation, however often a GPU was reserved', () => {
    const gpu = newGpu();
    const pool = new GpuPool([gpu]);
    for (let i = 0; i < 5; i++) {
      pool.take(1, 'a');
      pool.giveBack('a');
    }
    expect(filesOf(gpu).sort()).toEqual([`${gpu}.5`, `${gpu}.5.free`]);
  });
});

describe('a GPU that another process has reserved', () => {
  /** A reservation as another mlx leaves it, for a run. */
  function reservation(gpu: string, owner: { pid: number; start: string }, run = '/nowhere'): void {
    new GpuPool([newGpu()]).take(1, 'so that the directory exists');
    const { host } = thisProcess();
    const fields = { host, pid: owner.pid, process_start: owner.start, run };
    writeFileSync(join(reserved, `${gpu}.1`), formatFlatRecord(fields));
  }
  function otherProcess() {
    const child = spawn('sleep', ['600']);
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, owner: { pid: child.pid!, start: processStart(child.pid!)! } };
  }
  const gone = { pid: 2 ** 22 - 1, start: 'another boot' };

  test('is taken as long as that process lives', async () => {
    const gpu = newGpu();
    const { child, owner } = otherProcess();
    reservation(gpu, owner);
    expect(new GpuPool([gpu]).take(1, 'a')).toBeUndefined();
    child.kill('SIGKILL');
    await waitUntil(() => processStart(owner.pid) === undefined, 'it has ended');
    expect(new GpuPool([gpu]).take(1, 'a')).toEqual([gpu]);
  });

  test('is taken as long as its run goes on, even if its launcher is gone', async () => {
    const gpu = newGpu();
    const directory = storeDirectory();
    const run = join(directory, 'logs', '1');
    const script = 'until [ -e go ]; do sleep 0.02; done';
    const events = eventsOf(startHere(shPlan(directory, script), hereTarget(), testOrigin));
    await waitUntil(() => existsSync(run) && readLastAttempt(run)?.claim, 'the run has begun');
    reservation(gpu, gone, run);
    expect(new GpuPool([gpu]).take(1, 'a')).toBeUndefined();
    writeFileSync(join(directory, 'go'), '');
    await events;
    expect(new GpuPool([gpu]).take(1, 'a')).toEqual([gpu]);
  });

  test('is free if launcher and run are gone', () => {
    const gpu = newGpu();
    reservation(gpu, gone);
    expect(new GpuPool([gpu]).take(1, 'a')).toEqual([gpu]);
  });

  test('is free if it was given back, although that process lives', () => {
    const gpu = newGpu();
    reservation(gpu, otherProcess().owner);
    writeFileSync(join(reserved, `${gpu}.1.free`), '');
    expect(new GpuPool([gpu]).take(1, 'a')).toEqual([gpu]);
  });

  test('is taken if its record cannot be read', () => {
    const gpu = newGpu();
    reservation(gpu, gone);
    writeFileSync(join(reserved, `${gpu}.1`), 'cut sh');
    expect(new GpuPool([gpu]).take(1, 'a')).toBeUndefined();
  });
});
