import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ensureCopy } from '../../src/code/copy.js';
import { findRepository } from '../../src/code/repository.js';
import { formatFlatRecord } from '../../src/core/flat-record.js';
import { mlxBin, mlxWithFault, soak } from '../rig/rig.js';
import { contentsOf, type GitRig, gitAt, gitEnvironment, makeGitRig } from './git-rig.js';

const kills = soak ? 200 : 50;

/** A project whose copy takes its time: many files, and a filter that is slow with one of them. */
function project(files: number): { rig: GitRig; commit: string; smudges: () => number } {
  const rig = makeGitRig();
  rig.write('.gitignore', 'logs/\n.workdir/\n');
  rig.write('main.sh', '#!/bin/bash\ncat src/7.txt last.slow\n');
  for (let i = 0; i < files; i++) rig.write(`src/${i}.txt`, `${i}\n`.repeat(50));
  rig.write('.gitattributes', '*.slow filter=slow\n');
  rig.write('last.slow', 'slow\n');
  symlinkSync('main.sh', join(rig.directory, 'link'));
  const commit = rig.commit();
  const log = join(rig.directory, '..', 'smudges');
  writeFileSync(log, '');
  const smudge = rig.write(
    '../smudge',
    `#!/bin/sh\nsleep 0.05\necho one >> '${log.replaceAll("'", "'\\''")}'\nexec cat\n`,
  );
  rig.git('config', 'filter.slow.smudge', `"${smudge}"`);
  return { rig, commit, smudges: () => readFileSync(log, 'utf8').split('\n').length - 1 };
}

const owner = (host: string, pid: number) => formatFlatRecord({ host, pid, process_start: 'x' });

const launch = ['run', './main.sh', 'i=1', '--versioned', '-q'];

test(`a copy is whole or not there, wherever the launch is killed (${kills} times)`, {
  timeout: 1_200_000,
}, async () => {
  const { rig, commit } = project(600);
  const copy = join(rig.directory, '.workdir', commit);
  const whole = contentsOf(rig.directory, ['logs', '.workdir']);
  let during = 0;
  for (let kill = 0; kill < kills; kill++) {
    rmSync(join(rig.directory, '.workdir'), { recursive: true, force: true, maxRetries: 5 });
    rmSync(join(rig.directory, 'logs'), { recursive: true, force: true, maxRetries: 5 });
    const before = rig.git('status', '--porcelain=v2', '--branch');
    // From the first sight of the copy on, a little later each time; the git that makes it may live on, or not.
    const running = rig.start(launch, {}, []);
    while (!existsSync(join(rig.directory, '.workdir')) && running.exitCode === undefined) await sleep(1);
    await sleep((kill * 250) / kills);
    running.kill('SIGKILL');
    await running;
    if (existsSync(copy)) expect(contentsOf(copy), `kill ${kill}`).toEqual(whole);
    else during++;
    const { exitCode, stderr } = await rig.mlx(...launch);
    expect([exitCode, stderr.replace(/^note: .*\n/gm, '')], `kill ${kill}`).toEqual([0, '']);
    expect(contentsOf(copy), `kill ${kill}`).toEqual(whole);
    expect(gitAt(copy, 'status', '--porcelain'), `kill ${kill}`).toBe('');
    expect(rig.git('status', '--porcelain=v2', '--branch'), `kill ${kill}`).toBe(before);
  }
  expect(during).toBeGreaterThan(kills / 10);
});

test('a launch is finished or undone, at whichever step it is killed', { timeout: 1_200_000 }, async () => {
  let steps = 0;
  for (let at = 1; ; at += soak ? 1 : 6) {
    const { rig, commit } = project(2);
    rig.write('src/7.txt', 'changed\n');
    const words = [...launch, '--untracked', 'add', '--uncommitted', 'snapshot'];
    const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, words);
    if (!reached) break;
    steps = at;
    expect(rig.git('rev-parse', 'HEAD'), `step ${at}`).toBe(commit);
    expect(rig.git('status', '--porcelain'), `step ${at}`).toBe('?? src/7.txt');
    const { exitCode, stderr } = await rig.mlx(...words);
    expect([exitCode, stderr], `step ${at}`).toEqual([0, '']);
    const { stdout } = await rig.mlx('list', '--json');
    const runs = JSON.parse(stdout) as { run: number; status: string | null }[];
    const last = runs.filter(({ status }) => status === 'COMPLETE').at(-1);
    expect(rig.read(`logs/${last?.run}/log.stdout`), `step ${at}`).toBe('changed\nslow\n');
  }
  expect(steps).toBeGreaterThan(20);
});

test('launches that race make a copy once', { timeout: 120_000 }, async () => {
  const { rig, commit, smudges } = project(50);
  const repository = await findRepository(rig.directory);
  const request = { repository, commit, parent: join(rig.directory, '.workdir'), readOnly: false, store: '/store' };
  const here = Array.from({ length: 50 }, () => ensureCopy(request, () => {}));
  const others = Array.from({ length: 6 }, () => rig.mlx(...launch));
  const paths = new Set((await Promise.all(here)).map(({ path }) => path));
  expect([...paths]).toEqual([join(rig.directory, '.workdir', commit)]);
  for (const { exitCode, stderr } of await Promise.all(others)) expect([exitCode, stderr]).toEqual([0, '']);
  expect(smudges()).toBe(1);
  expect(rig.tree('.workdir').filter((name) => /^[^/]*\/$/.test(name))).toEqual([`${commit}/`]);
});

test('what a dead maker has left is put aside, what one on another host is at is waited for', {
  timeout: 60_000,
}, async () => {
  const { rig, commit } = project(8);
  const making = join(rig.directory, '.workdir', `.${commit}.making`);
  mkdirSync(join(making, 'half'), { recursive: true });
  writeFileSync(join(making, 'half/main.sh'), 'half');
  writeFileSync(join(making, 'owner'), owner('elsewhere', 1));
  const signs = setInterval(() => utimesSync(join(making, 'owner'), new Date(), new Date()), 100);
  const running = rig.start(launch);
  await sleep(1500);
  expect(running.exitCode ?? null).toBe(null);
  clearInterval(signs);
  // Elsewhere it is done.
  writeFileSync(join(making, 'owner'), owner(hostname(), 999_999));
  expect((await running).exitCode).toBe(0);
  expect(existsSync(making)).toBe(false);
});

test('a disk that fills up while copying leaves nothing behind', (context) => {
  const { rig, commit } = project(400);
  const workdir = join(rig.directory, '.workdir');
  mkdirSync(workdir);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', workdir]);
  if (mounted.status !== 0) return context.skip('a small disk can be mounted by root only');
  onTestFinished(() => void spawnSync('umount', [workdir]));
  const { status, stderr } = spawnSync(process.execPath, [mlxBin, ...launch], {
    cwd: rig.directory,
    env: { ...process.env, ...gitEnvironment, CI: 'true' },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^mlx: can't make the copy/)]);
  expect(stderr).toContain('no space is left there');
  expect(rig.tree('.workdir')).toEqual([]);
  expect(existsSync(join(workdir, commit))).toBe(false);
  expect(rig.git('status', '--porcelain')).toBe('');
});

test('files that change while a snapshot is taken are taken whole, or told', { timeout: 120_000 }, async () => {
  const { rig } = project(300);
  const ignored = await rig.mlx(...launch);
  expect(ignored.exitCode).toBe(0);
  // Two files that always hold the same: a snapshot of one moment has them alike.
  rig.write('a.txt', '0');
  rig.write('z.txt', '0');
  rig.commit();
  let count = 0;
  const writing = setInterval(() => {
    count++;
    writeFileSync(join(rig.directory, 'a.txt'), String(count));
    writeFileSync(join(rig.directory, 'z.txt'), String(count));
  }, 3);
  try {
    for (let i = 0; i < 6; i++) {
      const { exitCode, stderr } = await rig.mlx(...launch, '--uncommitted', 'snapshot');
      if (exitCode !== 0) {
        expect([exitCode, stderr]).toEqual([
          1,
          expect.stringMatching(/^mlx: files change while the snapshot is taken\n {4}[az]\.txt/),
        ]);
        continue;
      }
      const commit = rig.git('for-each-ref', '--sort=-creatordate', '--count=1', '--format=%(objectname)', 'refs/mlx');
      expect(rig.git('show', `${commit}:a.txt`)).toBe(rig.git('show', `${commit}:z.txt`));
    }
  } finally {
    clearInterval(writing);
  }
});
