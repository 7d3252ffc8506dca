import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { waitUntil } from '../rig/rig.js';
import { clusterRig, program } from './rig.js';

describe.for(['slurm', 'sge', 'oar'] as const)('a run of %s that waits for another', (name) => {
  test('can be held and released meanwhile, and both facts are shown', { timeout: 180_000 }, async (context) => {
    const rig = clusterRig(name, context, name === 'oar' ? 'project' : undefined);
    rig.write('main.sh', program);
    await rig.mlx('run', './main.sh', 'do=wait', '--scheduler', name);
    await rig.mlx('run', './main.sh', 'do=well', '--scheduler', name, '--after', '1');
    await rig.mlx('run', './main.sh', 'do=well', '--scheduler', name, '--after', '1');
    await rig.until([1], 'RUNNING', 60);
    const reasonOf = async (id: number) => (await rig.list()).get(id);
    expect(await reasonOf(2)).toMatchObject({ status: 'QUEUED', reason: 'waits for 1' });
    const held = await rig.mlx('hold', '2');
    expect([held.exitCode, held.stdout]).toEqual([0, 'held: run 2\n']);
    expect(await reasonOf(2)).toMatchObject({ status: 'HELD', reason: expect.stringMatching(/held.*; waits for 1$/) });
    expect(await reasonOf(3)).toMatchObject({ status: 'QUEUED', reason: 'waits for 1' });
    const released = await rig.mlx('release', '2');
    expect([released.exitCode, released.stdout]).toEqual([0, 'released: run 2\n']);
    expect(await reasonOf(2)).toMatchObject({ status: 'QUEUED', reason: 'waits for 1' });
    await rig.mlx('hold', '2');
    rig.write('go', '');
    await rig.until([1], 'COMPLETE', 60);
    // Whatever the engine makes of it before it looks at dependencies again: nobody holds run 3.
    const seen = new Set<string>();
    await waitUntil(
      async () => {
        const { status = '' } = (await reasonOf(3)) ?? {};
        seen.add(status);
        return status === 'COMPLETE';
      },
      'run 3',
      90_000,
    );
    expect([...seen]).not.toContain('HELD');
    expect((await reasonOf(2))?.status).toBe('HELD');
    await rig.mlx('release', '2');
    await rig.until([2], 'COMPLETE', 90);
  });
});

test('Grid Engine: release lets a job start again whose start failed', { timeout: 120_000 }, async (context) => {
  const rig = clusterRig('sge', context);
  rig.write('main.sh', program);
  const shell = join(rig.directory, '..', 'sh');
  await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'sge', `+mlx.scheduler.shell_path=${shell}`);
  await rig.until([1], 'HELD', 60);
  expect((await rig.list()).get(1)?.reason).toContain('could not be started');
  await rig.command('ln', '-s', '/bin/bash', shell);
  const { stdout, stderr } = await rig.mlx('release', '1');
  expect([stdout, stderr]).toEqual(['released: run 1\n', '']);
  await rig.until([1], 'COMPLETE', 60);
  expect(readdirSync(join(rig.directory, 'logs/1/metadata/attempts'))).toContain('1.yaml');
});
