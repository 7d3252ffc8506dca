import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram, planLaunch, pointsOf, startQueue } from '../../src/launch/index.js';
import { loadSettings } from '../../src/settings/index.js';
import { makeRig, type Rig, soak, waitUntil } from '../rig/rig.js';

const runs = 1000;

/** Puts runs into the queue, each behind up to three of those before it. */
async function collect(rig: Rig, seed: number): Promise<ReadonlyMap<number, readonly number[]>> {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state % below;
  };
  rig.write('tell.sh', '#!/bin/bash\necho "start $MLX_LOG_ID" >> order\necho "end $MLX_LOG_ID" >> order\n');
  const cwd = rig.directory;
  const settings = await loadSettings({ cwd, file: undefined, overrides: [], flags: {} });
  const program = findProgram({ cwd, program: 'tell.sh', args: [], interpreter: [], path: process.env['PATH'] ?? '' });
  const args = { style: 'verbatim', preset: undefined } as const;
  const config = { kind: 'overrides-only' } as const;
  const plan = planLaunch({
    cwd,
    commands: [{ program, points: pointsOf([]), config, args, written: undefined }],
    settings,
    script: undefined,
    code: undefined,
  });
  const waits = new Map<number, readonly number[]>();
  for (let id = 1; id <= runs; id++) {
    const awaited = id === 1 ? [] : Array.from({ length: random(4) }, () => 1 + random(id - 1));
    waits.set(id, [...new Set(awaited)]);
    const after = { ok: waits.get(id) ?? [], any: [], fail: [] };
    const queue = { name: undefined, priority: random(3), slots: 1, gpus: 0, limit: undefined, shown: false };
    const origin = { argv: [], version: 'test', environment: process.env };
    for await (const _ of startQueue(plan, { kind: 'queue', ...queue, after, chain: false }, origin).events);
  }
  return waits;
}

test.for(soak ? [1, 2, 3, 4, 5] : [1])(
  'of three that execute the queue one is killed with -9: each of a thousand runs ran once, after what it waits for (%i)',
  { timeout: 300_000 },
  async (seed) => {
    const rig = makeRig();
    const waits = await collect(rig, seed);
    const executes = [1, 2, 3].map(() => rig.start(['execute', '--parallel', '2', '-q']));
    const lines = () => {
      try {
        return rig.read('order').split('\n').slice(0, -1);
      } catch {
        return [];
      }
    };
    await waitUntil(() => lines().length > runs / 2, 'a quarter of the runs', 120_000);
    executes[0]?.kill('SIGKILL');
    const ended = await Promise.all(executes);
    expect(ended.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(ended[0]?.signal).toBe('SIGKILL');
    const order = lines();
    const place = new Map(order.map((line, at) => [line, at]));
    expect([order.length, place.size]).toEqual([2 * runs, 2 * runs]);
    const early = [...waits].flatMap(([id, awaited]) =>
      awaited
        .filter((one) => (place.get(`end ${one}`) ?? runs * 2) > (place.get(`start ${id}`) ?? -1))
        .map((one) => [id, one]),
    );
    expect(early).toEqual([]);
    const listed = JSON.parse((await rig.mlx('list', '--json')).stdout) as { status: string; attempt: number }[];
    expect(listed.filter(({ status, attempt }) => status !== 'COMPLETE' || attempt !== 1)).toEqual([]);
    expect(rig.tree(join('logs', '.mlx', 'queue'))).toEqual([]);
  },
);
