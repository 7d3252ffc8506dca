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
    /^ {2}2 {2}complete {2}2026-11-21 05:38:28 {2}0\.0s {5}7 {15}50 {11}0\.1$/,
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
