import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parseFlatRecord } from '../../src/core/flat-record.js';
import { isAlive, readProcessIdentity, trySignal } from '../../src/core/process.js';
import { makeRig, type Rig } from '../rig/rig.js';
import { report } from './report.js';

const kills = 500;
const points = Array.from({ length: 12 }, (_, i) => `i=${i}`);
const sweep = `i=${points.map((point) => point.slice(2)).join(',')}`;
/** A program that leaves a line for each attempt that came to its end. */
const program =
  '#!/bin/bash\necho "start $1 $MLX_ATTEMPT" >> order\nsleep 0.0$((RANDOM % 8))\necho "end $1 $MLX_ATTEMPT" >> order\n';

/** Starts a command, kills it after a while, and resolves to whether it was still alive. */
async function killed(rig: Rig, words: readonly string[]): Promise<boolean> {
  const child = rig.start(words);
  await sleep(80 + Math.random() * 600);
  child.kill('SIGKILL');
  return (await child).signal === 'SIGKILL';
}

/** Starts a launch, and kills the supervisor of a run that is under way. Resolves to whether there was one. */
async function killSupervisor(rig: Rig, words: readonly string[]): Promise<boolean> {
  const child = rig.start(words);
  await sleep(Math.random() * 400);
  const supervisors = () =>
    rig
      .tree()
      .filter((path) => /^logs\/\d+\/metadata\/attempts\/\d+\.yaml$/.test(path))
      .map((path) => readProcessIdentity(parseFlatRecord(rig.read(path)) ?? new Map()));
  let alive = supervisors().find((one) => isAlive(one));
  for (const end = Date.now() + 3000; !alive && Date.now() < end; await sleep(5))
    alive = supervisors().find((one) => isAlive(one));
  const isKilled = alive !== undefined && isAlive(alive) === true;
  if (alive) trySignal(alive.pid, 'SIGKILL');
  await child;
  return isKilled;
}

const linesOf = (rig: Rig) => (rig.tree().includes('order') ? rig.read('order').trim().split('\n') : []);

/** What is wrong with a store in which everything was resumed. */
async function violationsIn(rig: Rig): Promise<string[]> {
  const lines = linesOf(rig);
  const runs: { run: number; status: string; overrides: string[] }[] = JSON.parse(
    (await rig.mlx('list', '--json')).stdout,
  ).filter(({ status }: { status: string | null }) => status !== null);
  const found: string[] = [];
  for (const point of points) {
    const its = runs.filter(({ overrides }) => overrides.join(' ') === point);
    if (its.length !== 1 || its[0]?.status !== 'COMPLETE')
      found.push(`${point}: ${its.map(({ run, status }) => `${run} ${status}`).join(', ') || 'lost'}`);
    if (!lines.some((line) => line.startsWith(`end ${point} `))) found.push(`${point}: never ended`);
  }
  const starts = lines.filter((line) => line.startsWith('start'));
  if (new Set(starts).size !== starts.length) found.push(`an attempt began twice: ${starts.join('; ')}`);
  return found;
}

test(`${kills} kills at random`, { timeout: 3_600_000 }, async () => {
  const counts: Record<string, number> = { run: 0, resume: 0, execute: 0, supervisor: 0 };
  const violations: string[] = [];
  const total = () => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const count = (what: string, isKilled: boolean) => {
    if (isKilled) counts[what] = (counts[what] ?? 0) + 1;
  };
  for (let round = 0; total() < kills; round++) {
    const rig = makeRig();
    rig.write('main.sh', program);
    const isQueue = round % 3 === 2;
    const launch = ['run', 'main.sh', sweep, '-j', '3', '-q'];
    if (isQueue) {
      await rig.mlx('run', 'main.sh', sweep, '--scheduler', 'local', '-q');
      for (let i = 0; i < 2; i++) count('execute', await killed(rig, ['execute', '-q', '-p', '3']));
    } else if (round % 3 === 1) {
      count('supervisor', await killSupervisor(rig, launch));
    } else {
      count('run', await killed(rig, launch));
      count('resume', await killed(rig, ['resume', '-q']));
    }
    // What failed since its supervisor was killed has failed in truth, and is submitted again.
    for (let i = 0; i < 3; i++) {
      await rig.mlx('resume', '-q');
      if (isQueue) await rig.mlx('execute', '-q');
      else await rig.mlx('resubmit', 'failed', '-q');
    }
    const launches = rig.tree().filter((path) => path.endsWith('/launch.yaml'));
    if (launches.length > 0) violations.push(...(await violationsIn(rig)));
    else if (linesOf(rig).length > 0) violations.push('runs without a launch');
  }
  const each = Object.entries(counts).map(([what, number]) => `${what} ${number}`);
  report('kills at random', total(), violations.length, each.join(', '));
  expect(violations).toEqual([]);
});

test('the descriptors and the memory of 5,000 runs stay flat', { timeout: 1_800_000 }, async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/sh\ntrue\n');
  const child = rig.start(['run', 'main.sh', 'i=range(5000)', '-j', '2', '-q']);
  const samples: { memory: number; descriptors: number }[] = [];
  let isOver = false;
  const ended = child.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await sleep(1000);
    try {
      const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      samples.push({ memory: Number(kilobytes) / 1024, descriptors: readdirSync(`/proc/${child.pid}/fd`).length });
    } catch {
      // It has just ended.
    }
  }
  expect((await ended).exitCode).toBe(0);
  const statuses = JSON.parse((await rig.mlx('list', '--json')).stdout).map(({ status }: { status: string }) => status);
  expect(statuses).toEqual(Array(5000).fill('COMPLETE'));
  // The first ones load what is needed.
  const [early, late] = [samples.slice(5, samples.length / 2), samples.slice(samples.length / 2)];
  const most = (some: typeof samples, what: 'memory' | 'descriptors') => Math.max(...some.map((one) => one[what]));
  const grown = [
    most(late, 'memory') > most(early, 'memory') * 1.2,
    most(late, 'descriptors') > most(early, 'descriptors') + 5,
  ];
  const more = `${samples.length} s, memory ${Math.round(most(early, 'memory'))} and ${Math.round(most(late, 'memory'))} MB, descriptors ${most(early, 'descriptors')} and ${most(late, 'descriptors')} in the halves`;
  report('5,000 runs here', 5000, grown.filter(Boolean).length, more);
  expect(grown).toEqual([false, false]);
});
