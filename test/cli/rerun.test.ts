import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { overlayWords } from '../../src/launch/index.js';
import { makeRig, type Rig } from '../rig/rig.js';

const program = '#!/bin/bash\necho "$MLX_ATTEMPT $FLAVOUR $*"; [ ! -e fail ] || exit 7\n';

async function project(): Promise<Rig> {
  const rig = makeRig();
  rig.write('configs/config.yaml', 'lr: 0.1\nseed: 0\n');
  rig.write('configs/mlx.yaml', 'environment: [PATH, PYTHONPATH, FLAVOUR]\n');
  rig.write('main.sh', program);
  await rig.start(['run', 'main.sh', 'lr=10.,2', '+tag=x', '-q', '--', '--verbose'], { FLAVOUR: 'sweet' });
  return rig;
}

describe('mlx rerun', () => {
  test('makes a new run with the same command, config and environment', async () => {
    const rig = await project();
    rig.write('configs/config.yaml', 'other: 1\n');
    const { exitCode, stderr } = await rig.mlx('rerun', '1', '-q');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(rig.read('logs/3/log.stdout')).toBe('1 sweet --verbose lr=10. +tag=x\n');
    expect(rig.read('logs/3/metadata/config.yaml')).toBe('lr: 10.0\nseed: 0\ntag: x\n...\n');
  });

  test('takes further overrides, which may sweep, over those of the run', async () => {
    const rig = await project();
    expect((await rig.mlx('rerun', '2', 'seed=1,2', 'tag=y', '-q', '-j', '1')).exitCode).toBe(0);
    expect(rig.read('logs/3/log.stdout')).toBe('1 sweet --verbose lr=2 +tag=y seed=1\n');
    expect(rig.read('logs/4/log.stdout')).toBe('1 sweet --verbose lr=2 +tag=y seed=2\n');
    expect((await rig.mlx('rerun', '2', 'sed=1')).stderr).toContain("did you mean 'seed'?");
    expect(existsSync(join(rig.directory, 'logs/5'))).toBe(false);
  });

  test('--in-place is the next attempt of the same run', async () => {
    const rig = await project();
    rig.write('fail', '');
    expect((await rig.mlx('rerun', '1', '--in-place', '-q')).exitCode).toBe(1);
    expect(JSON.parse((await rig.mlx('show', '1', '--json')).stdout)).toMatchObject({
      status: 'FAILED',
      attempt: 2,
      exit_code: 7,
    });
    expect(rig.read('logs/1/log.stdout')).toMatch(
      /^1 sweet --verbose lr=10\. \+tag=x\n--- attempt 2, \S+ on \S+ ---\n2 sweet --verbose lr=10\. \+tag=x\n$/,
    );
    expect(await rig.mlx('rerun', '1', 'lr=3', '--in-place')).toMatchObject({
      exitCode: 2,
      stderr:
        "mlx: a new attempt in place keeps the overrides of run 1, found 'lr=3'\n  leave out --in-place to make a new run: mlx rerun 1 lr=3\n",
    });
  });

  test('of the same run by two at once starts it once for both', async () => {
    const rig = await project();
    for (let round = 0; round < 3; round++) {
      const both = await Promise.all([
        rig.mlx('rerun', '1', '--in-place', '-q'),
        rig.mlx('rerun', '1', '--in-place', '-q'),
      ]);
      const run = JSON.parse((await rig.mlx('show', '1', '--json')).stdout);
      expect(rig.read('logs/1/log.stdout').match(/^\d sweet/gm)).toHaveLength(run.attempt);
      expect(run.status).toBe('COMPLETE');
      // One that comes when the other has it running is refused (run-alive); nobody is told of a failure that was none.
      expect(both.map(({ exitCode, stderr }) => exitCode === 0 || stderr.includes('still'))).toEqual([true, true]);
    }
  });

  test('warns where the program, its interpreter or the code has changed', async () => {
    const rig = await project();
    rig.write('main.sh', `${program}# changed\n`);
    chmodSync(join(rig.directory, 'main.sh'), 0o755);
    expect((await rig.mlx('rerun', '1', '-q')).stderr).toMatch(
      /^warning: .*\/main\.sh has changed since the launch\n$/,
    );

    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: rig.directory });
    await git('init', '-q');
    await git('add', 'main.sh', 'configs');
    await git('commit', '-qm', 'one');
    await rig.mlx('run', 'main.sh', '-q');
    const last = JSON.parse((await rig.mlx('list', '--json')).stdout).at(-1).run;
    expect((await rig.mlx('rerun', String(last), '-q')).stderr).toBe('');
    rig.write('configs/config.yaml', 'lr: 0.2\nseed: 0\n');
    expect((await rig.mlx('rerun', String(last), '-q')).stderr).toContain('has other uncommitted changes');
    await git('commit', '-qam', 'two');
    expect((await rig.mlx('rerun', String(last), '-q')).stderr).toMatch(
      /was at commit \w{10} at the launch, and is at \w{10} now/,
    );
  });

  test('says what it can not run again', async () => {
    const rig = await project();
    expect((await rig.mlx('rerun')).stderr).toContain('ID is missing');
    expect((await rig.mlx('rerun', '9')).stderr).toContain("there is no run '9'");
    expect((await rig.mlx('rerun', '1', '--scheduler', 'slurm')).stderr).toContain('asks no engine for anything');
    rig.write('logs/8/metadata/info.yaml', 'status: COMPLETE\n');
    expect((await rig.mlx('rerun', '8')).stderr).toContain('run 8 was not made by mlx');
  });
});

test('an override over others takes the place of the one with its key, and an added key stays added', () => {
  expect(overlayWords(['a=1', '+b=2', '~c', '++d=3'], ['b=5', 'a=6,7', 'd=8', 'e=9', 'c=1'])).toEqual([
    'a=6,7',
    '+b=5',
    'c=1',
    '++d=8',
    'e=9',
  ]);
});
