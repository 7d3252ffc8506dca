import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, waitUntil } from '../rig/rig.js';

describe('mlx resume', () => {
  test('starts what was stopped and what never started, and nothing that ended', async () => {
    const rig = makeRig();
    rig.write(
      'main.sh',
      '#!/bin/bash\necho "$1 $MLX_ATTEMPT" >> done.log\n[ "$1" != i=1 ] || exit 3\n[ "$1" != i=2 ] || [ -e go ] || sleep 60\n',
    );
    const child = rig.start(['run', 'main.sh', 'i=1,2,3,4', 'extra=a b', '-j', '1', '-q']);
    await waitUntil(
      () => existsSync(join(rig.directory, 'done.log')) && rig.read('done.log').includes('i=2'),
      'the second run',
    );
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(130);
    rig.write('go', '');
    expect(JSON.parse((await rig.mlx('resume', '--dry-run', '--json')).stdout)).toMatchObject({
      runs: 4,
      start: 1,
      create: 2,
      done: 1,
      bad: 1,
    });

    const before = rig.tree('logs');
    const dry = await rig.mlx('resume', '--dry-run');
    expect(dry.stdout.replace(/@\w+/, '@L')).toBe(
      'launch @L, 4 runs\n' +
        '       1  ended (1 not well: mlx rerun starts such a run again)\n' +
        '       1  to start or start again\n' +
        '       2  to create\n',
    );
    expect(rig.tree('logs')).toEqual(before);

    const resumed = await rig.mlx('resume');
    expect(resumed.exitCode).toBe(1);
    expect(resumed.stderr).toContain('3 complete');
    expect(rig.read('done.log')).toBe('i=1 1\ni=2 1\ni=2 2\ni=3 1\ni=4 1\n');
    expect(rig.read('logs/4/script.sh')).toMatch(/main\.sh i=4 'extra=a b'$/m);
    expect(await rig.mlx('resume')).toEqual({ stdout: '', stderr: 'every launch in logs is done\n', exitCode: 0 });
  });

  test('keeps the config, settings and environment of the launch, whatever they are now', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 0.1\nseed: 0\n');
    rig.write('configs/mlx.yaml', 'environment: [PATH, PYTHONPATH, FLAVOUR]\n');
    rig.write('main.sh', '#!/bin/bash\ncat "$MLX_CONFIG"; echo "$FLAVOUR"; [ -e go ] || sleep 60\n');
    const child = rig.start(['run', 'main.sh', 'seed=1,2', '-j', '1', '-q'], { FLAVOUR: 'sweet' });
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/metadata/attempts/1.yaml')), 'the first run');
    child.kill('SIGTERM');
    await child;
    rig.write('go', '');
    rig.write('configs/config.yaml', 'lr: 9\nother: 1\n');
    rmSync(join(rig.directory, 'configs/mlx.yaml'));
    rig.write('main.sh', `${rig.read('main.sh')}# changed\n`);
    expect(await rig.mlx('resume', '-q')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: .*\/main\.sh has changed since the launch\n$/),
    });
    expect(rig.read('logs/2/log.stdout')).toBe('lr: 0.1\nseed: 2\n...\nsweet\n');
  });

  test('follows a run that outlived its launcher instead of starting it again', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho started >> done.log\nuntil [ -e go ]; do sleep 0.05; done\n');
    const child = rig.start(['run', 'main.sh', 'i=1,2', '-j', '1', '-q']);
    await waitUntil(() => existsSync(join(rig.directory, 'done.log')), 'the run');
    child.kill('SIGKILL');
    await child;
    const resume = rig.start(['resume', '--json', '-j', '2']);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/2')), 'the second run');
    rig.write('go', '');
    const { exitCode, stdout } = await resume;
    const events = String(stdout)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exitCode).toBe(0);
    expect(
      events
        .filter(({ event }) => event === 'ended')
        .map(({ run, status }) => [run, status])
        .sort(),
    ).toEqual([
      [1, 'COMPLETE'],
      [2, 'COMPLETE'],
    ]);
    expect(rig.read('done.log')).toBe('started\nstarted\n');
  });

  test('refuses a launch that is being carried out, one that is not there, and words that it does not know', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\ntouch ready; until [ -e go ]; do sleep 0.05; done\n');
    const child = rig.start(['run', 'main.sh', 'i=1', '-q']);
    await waitUntil(() => existsSync(join(rig.directory, 'ready')), 'the run');
    const [launch] = rig.tree('logs/.mlx/launches').map((name) => name.split('/')[0] ?? '');
    const alive = await rig.mlx('resume', `@${launch}`);
    expect([alive.exitCode, alive.stderr]).toEqual([
      2,
      expect.stringMatching(/^mlx: launch \w+ is being carried out by process \d+ on .*\n {2}wait for it/),
    ]);
    rig.write('go', '');
    await child;
    expect(await rig.mlx('resume', 'nosuch')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("there is no launch 'nosuch'"),
    });
    expect(await rig.mlx('resume', 'a', 'b')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("unexpected argument 'b'"),
    });
  });
});
