import { expect, test } from 'vitest';
import type { EngineQueue } from '../../src/engines/index.js';
import { clusterRig, program } from './rig.js';
import type { ClusterName } from './start.js';

const queues: Readonly<Record<ClusterName, { readonly main: string; readonly cpus: number }>> = {
  slurm: { main: 'main', cpus: 16 },
  sge: { main: 'main.q', cpus: 4 },
  oar: { main: 'default', cpus: 8 },
};

test.for<ClusterName>(['slurm', 'sge', 'oar'])(
  'mlx queues shows what is free of %s, and what is mine',
  async (name, context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const { main, cpus } = queues[name];
    const state = async () => {
      const { stdout, stderr, exitCode } = await rig.mlx('queues', '--scheduler', name, '--json');
      expect(exitCode, stderr).toBe(0);
      const found = JSON.parse(stdout) as { queues: EngineQueue[] };
      return found.queues.find((queue) => queue.name === main);
    };
    const before = await state();
    expect(before?.cpus?.total).toBe(cpus);
    await rig.mlx('run', 'main.sh', 'do=wait', '--scheduler', name);
    await rig.until([1], 'RUNNING');
    const during = await state();
    expect(during).toMatchObject({ running: (before?.running ?? 0) + 1, waiting: before?.waiting });
    expect(during?.cpus?.free).toBeLessThan(before?.cpus?.free ?? 0);
    rig.write('go', '');
    await rig.until([1], 'COMPLETE');
    const shown = await rig.mlx('queues', '--scheduler', name);
    expect(shown.stdout, shown.stderr).toMatch(
      /^queue +time limit +CPUs free\/all +GPUs free\/all +mine: running +waiting/,
    );
    expect(shown.stdout).toContain(`/${cpus} `);
  },
);
