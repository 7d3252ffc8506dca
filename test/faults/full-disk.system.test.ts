import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mlxBin } from '../rig/rig.js';

test('a disk that fills up ends the launch with its reason, and hides no run', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-full-'));
  onTestFinished(() => {
    spawnSync('umount', [directory]);
    rmSync(directory, { recursive: true, force: true });
  });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', directory]);
  if (mounted.status !== 0) return context.skip('a small disk can be mounted by root only');
  writeFileSync(join(directory, 'main.sh'), '#!/bin/bash\nhead -c 20000 /dev/zero\n', { mode: 0o755 });
  const mlx = (...args: string[]) =>
    spawnSync(process.execPath, [mlxBin, ...args], { cwd: directory, encoding: 'utf8', timeout: 60_000 });

  const points = Array.from({ length: 60 }, (_, i) => i + 1).join(',');
  const { status, stderr } = mlx('run', 'main.sh', `i=${points}`, '-j', '2');
  expect([status, stderr]).toEqual([1, expect.stringContaining('the disk is full')]);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/fix that, then type mlx resume @\w+$/);
  const ids = readdirSync(join(directory, 'logs')).filter((name) => /^\d+$/.test(name));
  expect(ids.length).toBeLessThan(60);

  const listed: { run: number; status: string | null }[] = JSON.parse(mlx('list', '--json').stdout);
  expect(listed.map(({ run }) => run)).toEqual(ids.map(Number).sort((a, b) => a - b));
  expect(listed[0]).toMatchObject({ run: 1, status: 'COMPLETE' });
  expect(listed.filter((run) => run.status === 'RUNNING')).toEqual([]);
});
