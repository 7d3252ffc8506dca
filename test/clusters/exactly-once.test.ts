import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import { soak } from '../rig/rig.js';
import { type ClusterRig, clusterRig, ids } from './rig.js';
import type { ClusterName } from './start.js';

const faults = fileURLToPath(new URL('../rig/faults.cjs', import.meta.url));

/** A program that leaves one line for each time that it ran. */
const counting = '#!/bin/bash\necho "$1" >> done.log\n';

/** The points that the engine ran, sorted. */
function pointsDone(rig: ClusterRig): string[] {
  return existsSync(join(rig.directory, 'done.log')) ? rig.read('done.log').trim().split('\n').sort() : [];
}

/** Runs mlx, killed (-9) before the given call that changes something; whether that call came. */
async function killedAt(rig: ClusterRig, at: number, args: readonly string[]): Promise<boolean> {
  const count = rig.write('../count', '');
  const { exitCode } = await rig.command(
    'env',
    `MLX_FAULT_ROOT=${rig.directory}`,
    'MLX_FAULT_KIND=kill',
    `MLX_FAULT_AT=${at}`,
    `MLX_FAULT_COUNT=${count}`,
    process.execPath,
    '--require',
    faults,
    inject('publicMlx'),
    ...args,
  );
  return exitCode === undefined || exitCode === 137 || Number(readFileSync(count, 'utf8') || at) >= at;
}

async function finish(rig: ClusterRig, points: readonly string[], what: string): Promise<void> {
  const resumed = await rig.mlx('resume', '-q');
  // Killed before the launch was on record.
  if (/^mlx: (there is no launch in|launch \w+ of \S+ was ended before anything of it ran)/.test(resumed.stderr)) {
    expect([pointsDone(rig), existsSync(join(rig.directory, 'logs/1'))], what).toEqual([[], false]);
    return;
  }
  expect(
    [resumed.exitCode, resumed.stderr.replace(/^(every launch|nothing to resume|waiting ).*\n/gm, '')],
    what,
  ).toEqual([0, '']);
  if (!existsSync(join(rig.directory, 'logs/1'))) return;
  // A directory that was claimed and no more is nobody's; its run has another.
  const whole = [...(await rig.list()).values()].filter(({ status }) => status !== null).map(({ run }) => run);
  await rig.until(whole, 'COMPLETE');
  // What was submitted twice would run by now.
  await sleep(500);
  expect(pointsDone(rig), what).toEqual([...points]);
  const runs = [...(await rig.list()).values()].filter(({ status }) => status !== null);
  expect(
    runs.map(({ status, attempt }) => `${status} ${attempt}`),
    what,
  ).toEqual(points.map(() => 'COMPLETE 1'));
}

const engines: readonly ClusterName[] = ['slurm', 'sge'];

describe.for(engines)('a submission to %s that was killed', (name) => {
  test.for(['never', 'always'])(
    'at any step is finished by mlx resume, each run once (arrays: %s)',
    { timeout: 900_000 },
    async (array, context: TestContext) => {
      let steps = 0;
      for (let at = 1; ; at += soak ? 1 : 9) {
        const rig = clusterRig(name, context);
        rig.write('main.sh', counting);
        const args = ['run', 'main.sh', 'i=1,2', '--scheduler', name, '--array', array, '-q'];
        const killed = await killedAt(rig, at, args);
        await finish(rig, ['i=1', 'i=2'], killed ? `step ${at}` : 'not killed');
        if (!killed) break;
        steps = at;
      }
      expect(steps).toBeGreaterThan(20);
    },
  );

  test('at random times is finished by mlx resume, each run once', { timeout: 900_000 }, async (context) => {
    for (let round = 0; round < (soak ? 12 : 2); round++) {
      const rig = clusterRig(name, context);
      rig.write('main.sh', counting);
      const numbers = ids(20);
      const array = round % 2 === 0 ? 'never' : 'always';
      // `timeout` sends the signal to mlx alone; what it had started goes on.
      const seconds = (0.1 + Math.random() * (name === 'slurm' ? 0.5 : 2)).toFixed(3);
      const args = ['run', 'main.sh', `i=${numbers.join(',')}`, '--scheduler', name, '--array', array, '-q'];
      await rig.command(
        'timeout',
        '--foreground',
        '-s',
        'KILL',
        seconds,
        process.execPath,
        inject('publicMlx'),
        ...args,
      );
      const points = numbers.map((i) => `i=${i}`).sort();
      await finish(rig, points, `killed after ${seconds} s`);
    }
  });
});
