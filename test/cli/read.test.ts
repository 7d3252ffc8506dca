import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig, waitUntil } from '../rig/rig.js';

describe('what is known of runs', () => {
  async function project(): Promise<Rig> {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 0.1\nmodel: {depth: 2}\n');
    rig.write(
      'main.sh',
      '#!/bin/bash\necho "out $1"; echo "err $1" >&2\necho "{\\"loss\\": NaN, \\"epoch\\": 3}" > "$MLX_LOG_DIR/metrics/train.json"\n[ "$1" != lr=1 ] || exit 3\n',
    );
    await rig.mlx('run', 'main.sh', 'lr=1e-3,1', '-q');
    await rig.mlx('run', 'main.sh', 'lr=5', '-q');
    return rig;
  }

  test('mlx list shows all runs, or those that words and expressions select', async () => {
    const rig = await project();
    const lines = (await rig.mlx('list')).stdout.split('\n');
    expect(lines[0]).toBe('run  status    started              time    lr  train.loss  train.epoch  exit_code  reason');
    expect(lines[2]).toMatch(/^ {2}2 {2}failed {4}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\d\.\ds {5}1 .* 3 {2}err lr=1$/);
    const selected = async (...args: string[]) => {
      const runs: { run: number }[] = JSON.parse((await rig.mlx('ls', ...args, '--json')).stdout);
      return runs.map(({ run }) => run);
    };
    expect(await selected()).toEqual([1, 2, 3]);
    expect(await selected('1,3')).toEqual([1, 3]);
    expect(await selected('2-9')).toEqual([2, 3]);
    expect(await selected('failed')).toEqual([2]);
    expect(await selected('@last')).toEqual([3]);
    expect(await selected('--where', 'config.lr < 2 & info.status == "COMPLETE"')).toEqual([1]);
    expect(await selected('--where', 'config.model.depth == 2')).toEqual([1, 2, 3]);
    const none = await rig.mlx('list', 'running');
    expect([none.stdout, none.stderr, none.exitCode]).toEqual([
      '',
      'no run matched; there are 2 complete, 1 failed\n',
      0,
    ]);
    expect((await rig.mlx('list', '--where', 'config.lrr > 1')).stderr).toContain("did you mean 'config.lr'?");
  });

  test('mlx show tells status, command, config, attempts, metrics and the last errors', async () => {
    const rig = await project();
    const { stdout } = await rig.mlx('show', '2');
    for (const text of [
      'FAILED  exit code 3',
      'main.sh lr=1',
      'depth: 2',
      'exit code 3',
      'train.loss: NaN',
      'err lr=1',
    ]) {
      expect(stdout).toContain(text);
    }
    const data = JSON.parse((await rig.mlx('show', '@last', '--json')).stdout);
    expect(data).toMatchObject({
      run: 3,
      status: 'COMPLETE',
      columns: { 'config.lr': 5 },
      metrics: { 'train.epoch': 3 },
    });
  });

  test('mlx logs prints both logs, each to its own stream', async () => {
    const rig = await project();
    expect(await rig.mlx('logs', '2')).toEqual({ stdout: 'out lr=1\n', stderr: 'err lr=1\n', exitCode: 0 });
    expect(await rig.mlx('logs', '2', '--stderr')).toMatchObject({ stdout: '', stderr: 'err lr=1\n' });
  });

  test('mlx logs -f follows until the run has ended', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho one\nuntil [ -e "$MLX_LOG_DIR/go" ]; do sleep 0.05; done\nprintf two\n');
    const launch = rig.start(['run', 'main.sh', '-q']);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/log.stdout')), 'the log');
    const follow = rig.start(['logs', '-f', '1']);
    let seen = '';
    follow.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await waitUntil(() => seen === 'one\n', 'the first line');
    rig.write('logs/1/go', '');
    expect((await follow).stdout).toBe('one\ntwo');
    expect((await launch).exitCode).toBe(0);
  });

  test('a directory that was claimed and never completed is shown as such', async () => {
    const rig = await project();
    rig.write('logs/4/metadata/job.yaml', 'token: x\n');
    expect((await rig.mlx('list', '4')).stdout).toMatch(/4 {2}incomplete/);
    expect(await rig.mlx('show', '4')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('was never completed'),
    });
  });

  test('a logs/ that MLXP wrote is listed, shown, and continued', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n');
    for (const [id, status] of [
      [1, 'COMPLETE'],
      [3, 'FAILED'],
    ] as const) {
      rig.write(
        `logs/${id}/metadata/info.yaml`,
        `status: ${status}\ncurrent_file_path: /home/user/project/main.py\nscheduler: null\n`,
      );
      rig.write(`logs/${id}/metadata/config.yaml`, 'seed: 7\noptimizer:\n  lr: 0.001\n');
      rig.write(`logs/${id}/metrics/train.json`, '{"loss": 0.5}\n');
    }
    expect(JSON.parse((await rig.mlx('list', '--json')).stdout)).toMatchObject([
      { run: 1, status: 'COMPLETE', launch: null },
      { run: 3, status: 'FAILED' },
    ]);
    expect((await rig.mlx('show', '3')).stdout).toContain('train.loss: 0.5');
    await rig.mlx('run', 'main.sh', '-q');
    expect(existsSync(join(rig.directory, 'logs/4/metadata/job.yaml'))).toBe(true);
  });
});

describe('help and version', () => {
  let help: string;
  beforeAll(async () => {
    const { execa } = await import('execa');
    help = (await execa(process.execPath, [mlxBin, '--help'])).stdout;
  });

  test('mlx --help lists every command, mlx COMMAND --help its options', async () => {
    const rig = makeRig();
    for (const command of ['run', 'list', 'show', 'logs']) {
      expect(help).toMatch(new RegExp(`^ {2}${command} `, 'm'));
      const { stdout, exitCode } = await rig.mlx(command, '--help');
      expect([exitCode, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining(`mlx ${command}`)]);
      expect(stdout).toContain('examples:');
    }
    // Behind -- it is the program's.
    rig.write('main.sh', '#!/bin/bash\necho "$@"\n');
    expect((await rig.mlx('run', 'main.sh', '--', '--help')).stdout).toContain('[1] --help\n');
  });

  test('mlx --version tells the version of the package', async () => {
    const { readFileSync } = await import('node:fs');
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await makeRig().mlx('--version')).stdout).toBe(`mlx ${version}\n`);
  });
});
