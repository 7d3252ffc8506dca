import { describe, expect, test } from 'vitest';
import { type ClusterRig, clusterRig, ids } from './rig.js';

const engines = ['slurm', 'sge'] as const;

/** Waits, without mlx, until the supervisors have written the ends of these runs. */
async function ended(rig: ClusterRig, runs: readonly number[]): Promise<void> {
  const end = Date.now() + 120_000;
  const isOver = (id: number) => /^status: (COMPLETE|FAILED|STOPPED)$/m.test(rig.read(`logs/${id}/metadata/info.yaml`));
  while (!runs.every(isOver)) {
    if (Date.now() > end) throw new Error('waited 120 s in vain for the ends of the runs');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe.concurrent.for(engines)('on %s, with no mlx alive,', (engine) => {
  test('a run that fails is tried again in the same job', { timeout: 180_000 }, async (context) => {
    const rig = clusterRig(engine, context);
    rig.write('main.sh', '#!/bin/bash\n[ "$MLX_ATTEMPT" = 3 ] || exit 5\n');
    const words = ['run', 'main.sh', 'i=1,2', '--scheduler', engine, '--time', '10m', '--retries', '2', '-q'];
    expect(await rig.mlx(...words)).toMatchObject({ exitCode: 0, stderr: '' });
    await ended(rig, [1, 2]);
    const runs = await rig.until([1, 2], 'COMPLETE');
    expect([1, 2].map((id) => runs.get(id)?.attempt)).toEqual([3, 3]);
    const jobs = [1, 2, 3].map((n) => /^job: (.*)$/m.exec(rig.read(`logs/1/metadata/attempts/${n}.yaml`))?.[1]);
    expect(jobs).toEqual(Array(3).fill(JSON.stringify(runs.get(1)?.job_id)));
  });

  test('jobs turn themselves away when two others have failed', { timeout: 240_000 }, async (context) => {
    const rig = clusterRig(engine, context);
    rig.write('main.sh', '#!/bin/bash\necho >> "$MLX_LOG_DIR/../../ran"\nexit 5\n');
    // An array, of which one task runs at a time.
    const words = ['i=range(0,10)', '--scheduler', engine, '--array', 'always', '--max-running', '1'];
    const launched = await rig.mlx('run', 'main.sh', ...words, '--max-failures', '2', '-q');
    expect(launched).toMatchObject({ exitCode: 0, stderr: '' });
    await ended(rig, ids(10));
    expect(rig.read('ran')).toBe('\n\n');
    const runs = await rig.until(ids(10), 'FAILED STOPPED');
    expect(ids(10).map((id) => runs.get(id)?.status)).toEqual([
      ...Array(2).fill('FAILED'),
      ...Array(8).fill('STOPPED'),
    ]);
    expect(runs.get(3)).toMatchObject({
      attempt: 0,
      reason: 'not started: 2 runs of its launch failed (--max-failures 2)',
    });
    expect((await rig.mlx('resume', '@last')).exitCode).toBe(2);
    rig.write('main.sh', '#!/bin/bash\nexit 0\n');
    expect((await rig.mlx('resume', '@last', '--max-failures', '3', '-q')).exitCode).toBe(0);
    expect((await rig.until(ids(8, 3), 'COMPLETE', 120)).get(10)?.attempt).toBe(1);
  });
});
