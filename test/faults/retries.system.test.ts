import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRig, mlxWithFault, type Rig, soak, waitUntil } from '../rig/rig.js';

/** Fails, and leaves a line for each attempt that ran. */
const failing = '#!/bin/bash\necho "${1#i=}.$MLX_ATTEMPT" >> ran\nexit 5\n';
const limits = ['--retries', '1', '--max-failures', '2', '-q'];
const ways = [
  {
    where: 'here',
    collect: undefined,
    carryOut: ['run', 'main.sh', 'i=1,2,3,4', '-j', '1', ...limits],
    finish: ['resume', '-q'],
  },
  {
    where: 'in the local queue',
    collect: ['run', 'main.sh', 'i=1,2,3,4', '--scheduler', 'local', ...limits],
    carryOut: ['execute', '--parallel', '1', '-q'],
    finish: ['execute', '--parallel', '1', '-q'],
  },
];

const ran = (rig: Rig) => (existsSync(join(rig.directory, 'ran')) ? rig.read('ran').trim().split('\n').sort() : []);
const failures = (rig: Rig) =>
  rig.tree('logs/.mlx/launches').flatMap((path) => /failures\/(\d+)$/.exec(path)?.[1] ?? []);
const listed = async (rig: Rig): Promise<{ run: number; status: string }[]> =>
  JSON.parse((await rig.mlx('list', '--json')).stdout || '[]');

test.for(ways)(
  'killed at any step $where, each run is tried twice, counts once, and two failures stop the rest',
  { timeout: 600_000 },
  async ({ where, collect, carryOut, finish }) => {
    let steps = 0;
    for (let at = 1; ; at += soak ? 1 : 7) {
      const rig = makeRig();
      rig.write('main.sh', failing);
      if (collect) await rig.mlx(...collect);
      const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, carryOut);
      if (!reached) break;
      steps = at;
      await waitUntil(async () => (await listed(rig)).every(({ status }) => status !== 'RUNNING'), 'what still runs');
      await rig.mlx(...finish);
      const what = `${where}, step ${at}`;
      // Killed before the launch was on record, it has nothing to finish.
      if (!collect && (await listed(rig)).length === 0 && ran(rig).length === 0) continue;
      expect(ran(rig), what).toEqual(['1.1', '1.2', '2.1', '2.2']);
      const bad = (await listed(rig)).filter(({ status }) => status === 'FAILED').map(({ run }) => run);
      expect(bad, what).toHaveLength(2);
      expect(failures(rig), what).toEqual(bad.map(String));
    }
    expect(steps).toBeGreaterThan(10);
  },
);
