import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

const program = '#!/bin/bash\necho "$1" >> done.log\nuntil [ -e go ]; do sleep 0.05; done\n';

function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', program);
  return rig;
}

const doneIn = (rig: Rig) =>
  existsSync(join(rig.directory, 'done.log')) ? rig.read('done.log').trim().split('\n') : [];

describe('--skip-existing', () => {
  test('counts runs that wait in the local queue as existing, so that a sweep submitted twice runs once', async () => {
    const rig = project();
    rig.write('go', '');
    const sweep = ['run', 'main.sh', 'i=1,2,3', '--scheduler', 'local', '--skip-existing'];
    expect((await rig.mlx(...sweep)).exitCode).toBe(0);
    expect(await rig.mlx(...sweep)).toMatchObject({
      exitCode: 0,
      stdout:
        'nothing to run: 3 points left out, since runs of them wait or run (1-3): --skip-existing=complete runs them all the same\n',
    });
    expect(JSON.parse((await rig.mlx(...sweep, '--json')).stdout)).toEqual({ runs: 0, covered: 3, under_way: 3 });
    expect((await rig.mlx(...sweep.slice(0, -1), '--skip-existing=complete', '--count')).stdout).toBe('3\n');
    await rig.mlx('execute', '-q');
    expect(doneIn(rig).sort()).toEqual(['i=1', 'i=2', 'i=3']);
    expect((await rig.mlx(...sweep)).stdout).toBe('nothing to run: 3 points left out, since a COMPLETE run is there\n');
  });

  test('counts what a launch that goes on will make', async () => {
    const rig = project();
    const first = rig.start(['run', 'main.sh', 'i=1,2,3', '-j', '1', '-q']);
    await waitUntil(() => doneIn(rig).length > 0, 'the first run');
    const again = await rig.mlx('run', 'main.sh', 'i=2,3,4', '--skip-existing', '--count');
    expect(again.stdout).toBe('1\n');
    first.kill('SIGINT');
    await first;
    // What it did not make is made by `mlx resume` alone, and what was stopped does not run.
    expect((await rig.mlx('run', 'main.sh', 'i=1,2,3', '--skip-existing', '--count')).stdout).toBe('3\n');
  });

  test('of several launches at once makes each point once', { timeout: 60_000 }, async () => {
    const rig = project();
    rig.write('go', '');
    const sweep = ['run', 'main.sh', 'i=1,2,3,4', '--scheduler', 'local', '--skip-existing'];
    const all = await Promise.all([1, 2, 3, 4].map(() => rig.mlx(...sweep)));
    expect(all.filter(({ stderr }) => /\b0 runs submitted/.test(stderr))).toEqual([]);
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(JSON.parse((await rig.mlx('list', '--json')).stdout)).toHaveLength(4);
    const here = ['run', 'main.sh', 'i=5,6', '--skip-existing', '-q'];
    await Promise.all([1, 2, 3].map(() => rig.mlx(...here)));
    expect(doneIn(rig).sort()).toEqual(['i=5', 'i=6']);
  });

  test('lets a canary run first, and the rest after it', async () => {
    const rig = project();
    rig.write('go', '');
    const sweep = ['run', 'main.sh', 'i=1,2,3'];
    expect((await rig.mlx(...sweep, '--first', '-q')).exitCode).toBe(0);
    expect((await rig.mlx(...sweep, '--skip-existing')).stderr).toContain('2 runs on this machine');
    expect(doneIn(rig)).toEqual(expect.arrayContaining(['i=1', 'i=2', 'i=3']));
    expect(doneIn(rig)).toHaveLength(3);
    // In a queue the rest waits for it.
    const queued = ['run', 'main.sh', 'i=7,8,9', '--scheduler', 'local'];
    await rig.mlx(...queued, '--first');
    await rig.mlx(...queued, '--skip-existing', '--after', '@last');
    await rig.mlx('execute', '-q');
    expect(doneIn(rig).slice(3, 4)).toEqual(['i=7']);
    expect(doneIn(rig)).toHaveLength(6);
  });

  test.for([
    ['true', '1'],
    ['complete', '2'],
  ])('is %s in a sweep file as well', async ([word, count]) => {
    const rig = project();
    rig.write('go', '');
    await rig.mlx('run', 'main.sh', 'i=1', '--scheduler', 'local');
    rig.write('sweep.yaml', `params: {i: '1,2'}\nskip_existing: ${word}\n`);
    expect((await rig.mlx('run', 'main.sh', '--sweep', 'sweep.yaml', '--count')).stdout).toBe(`${count}\n`);
  });

  test('refuses another word', async () => {
    const rig = project();
    expect(await rig.mlx('run', 'main.sh', 'i=1', '--skip-existing=all')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("'all'"),
    });
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });
});
