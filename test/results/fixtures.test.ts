import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

const fixtures = fileURLToPath(new URL('../fixtures/mlx', import.meta.url));
const mlxpLogs = fileURLToPath(new URL('../fixtures/mlxp-logs', import.meta.url));

function rigWith(store: string): Rig {
  const rig = makeRig();
  cpSync(store, join(rig.directory, 'logs'), { recursive: true });
  rig.write('main.sh', '#!/bin/bash\n');
  return rig;
}

const json = async (rig: Rig, ...args: string[]) => JSON.parse((await rig.mlx(...args, '--json')).stdout);

// Every version's directories are to be read by every later one: a tree is added at each release, and none is changed.
describe.for(readdirSync(fixtures))('a logs/ that mlx %s wrote', (version) => {
  test('is listed, shown, asked and continued', async () => {
    const rig = rigWith(join(fixtures, version, 'logs'));
    const runs: { run: number; status: string; reason: string; attempt: number }[] = await json(rig, 'list');
    expect(runs.map(({ run, status, reason, attempt }) => [run, status, reason ?? null, attempt])).toEqual([
      [1, 'COMPLETE', null, 2],
      [2, 'COMPLETE', null, 1],
      [3, 'COMPLETE', null, 1],
      [4, 'COMPLETE', null, 1],
      [5, 'FAILED', 'exit code 1', 1],
      [6, 'TIMEOUT', 'over its 00:00:02 limit', 1],
      [7, 'STOPPED', 'interrupted by SIGTERM', 1],
      [9, null, null, undefined],
    ]);
    expect(await json(rig, 'list', '--where', 'config.optimizer.lr < 0.1 & info.status == "COMPLETE"')).toHaveLength(2);
    expect((await rig.mlx('list', '--csv', '--columns', 'run,train.loss,note', '3,5')).stdout).toBe(
      'run,train.loss,note\r\n3,0.16666666666666666,\r\n5,0.03333333333333333,"a, b"\r\n',
    );
    expect(await json(rig, 'show', '5')).toMatchObject({
      overrides: ['seed=3', '+note="a, b"'],
      columns: { 'config.note': 'a, b', 'info.hostname': 'n4' },
      metrics: { 'train.epoch': 2 },
    });
    expect((await rig.mlx('logs', '5')).stderr).toContain('ValueError: seed 3 diverges');
    // Its launcher was on a host that is not this one.
    expect((await rig.mlx('resume', '--dry-run')).stderr).toContain("can't be seen from here");
    expect((await rig.mlx('resume', '--dry-run', '--force')).stdout).toMatch(
      / 1 {2}to start or start again\n +1 {2}to create\n$/,
    );
    expect((await rig.mlx('run', 'main.sh', '-q')).exitCode).toBe(0);
    expect(await json(rig, 'list', '8')).toMatchObject([{ run: 8, status: 'COMPLETE' }]);
  });
});

test('a logs/ that real MLXP wrote is listed, shown, asked and continued', async () => {
  const rig = rigWith(mlxpLogs);
  const runs: { run: number; status: string }[] = await json(rig, 'list');
  expect(runs.map(({ run, status }) => `${run} ${status}`)).toEqual([
    '1 COMPLETE',
    '2 COMPLETE',
    '3 COMPLETE',
    '4 COMPLETE',
    '5 FAILED',
  ]);
  // It keeps no overrides: the config tells how runs differ.
  expect((await rig.mlx('list')).stdout.split('\n')[2]).toMatch(
    /^ {2}2 {2}complete {2}2026-11-21 05:38:28 {2}0\.0s {5}7 {15}50 {11}0\.1 {5}0\.03333 {12}2$/,
  );
  expect(await json(rig, 'list', '--where', 'config.optimizer.lr > 0.05')).toHaveLength(3);
  expect((await rig.mlx('show', '2')).stdout).toContain('train.loss');
  expect(await rig.mlx('rerun', '2')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('run 2 was not made by mlx'),
  });
  expect((await rig.mlx('run', 'main.sh', 'a=1', '-q')).exitCode).toBe(0);
  expect((await json(rig, 'list')).at(-1)).toMatchObject({ run: 6, status: 'COMPLETE' });
});

describe('runs of a program of real MLXP 1.0.5, made without mlx (1, 3), by mlx here (5, 7) and as jobs of Slurm (9, 21)', () => {
  // MLXP writes config.yaml and info.yaml of its run again, without mlx's fields and without an end.
  const store = fileURLToPath(new URL('../fixtures/mlxp-program', import.meta.url));

  test('all count, in every command, and nothing warns of them', async () => {
    const rig = rigWith(store);
    const best = await rig.mlx('best', 'train.loss', '--min');
    expect(best).toMatchObject({ exitCode: 0, stderr: '' });
    expect(best.stdout).toMatch(/^ +0\.001 +0\.0003333 +0 +2 +\d settings +5, 9$/m);
    expect(await json(rig, 'query', 'config.optimizer.lr <= 1e-3', '--select', 'run')).toEqual([
      { run: 5 },
      { run: 9 },
    ]);
    expect(await rig.mlx('list')).toMatchObject({ exitCode: 0, stderr: '' });
    for (const id of ['5', '9', '21']) {
      expect(await rig.mlx('show', id)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await rig.mlx('why', id)).toMatchObject({ exitCode: 0, stderr: '' });
    }
    expect((await rig.mlx('diff', '5', '7')).stdout).toMatch(/optimizer\.lr +0\.001 +0\.01/);
  });

  test('what mlx knows of them does not depend on what MLXP left in info.yaml', async () => {
    const rig = rigWith(store);
    const names = ['run', 'launch', 'attempt', 'exit_code', 'engine', 'job', 'info.exit_code', 'info.attempt', 'point'];
    const rows = await json(rig, 'query', 'run in [5, 21]', '--select', names.join(','));
    expect(rows).toEqual([
      expect.objectContaining({ run: 5, attempt: 1, exit_code: 0, engine: 'here', 'info.exit_code': 0, job: null }),
      expect.objectContaining({ run: 21, attempt: 1, exit_code: 1, engine: 'slurm', 'info.attempt': 1, job: '1141' }),
    ]);
    expect(rows.map(({ launch }: { launch: string }) => launch)).not.toContain(null);
    const [{ command }] = await json(rig, 'list', '5', '--columns', 'command');
    expect(command).toMatch(/main\.py optimizer\.lr=1e-3 seed=1/);
  });

  test('without .mlx/ they are indexed as well, and read again where MLXP logs more', async () => {
    const rig = rigWith(store);
    const selected = ['query', 'run == 3', '--select', 'train.loss@count', '--csv'];
    expect((await rig.mlx(...selected)).stdout).toBe('train.loss@count\r\n3\r\n');
    expect(rig.tree('logs/.mlx')).toContain('results.ndjson');
    rig.write('logs/3/metrics/train.json', '{"loss": 1}\n');
    expect((await rig.mlx(...selected)).stdout).toBe('train.loss@count\r\n1\r\n');
  });
});
