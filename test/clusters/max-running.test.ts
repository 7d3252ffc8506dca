import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, type TestContext, test } from 'vitest';
import { type ClusterRig, clusterRig, ids } from './rig.js';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Runs for a second; those with `do=once` fail the first time, and those with `do=wait` wait for a sign. */
const program = `#!/bin/bash
sleep 1
for word; do
  if [ "$word" = do=once ] && [ ! -e "$MLX_LOG_DIR/again" ]; then touch "$MLX_LOG_DIR/again"; exit 3; fi
  while [ "$word" = do=wait ] && [ ! -e "$MLX_LOG_DIR/../../go" ]; do sleep 0.2; done
done
`;

/** The most runs that ran at once, from the start and the end that each attempt has on record. */
function mostAtOnce(rig: ClusterRig, runs: readonly number[]): number {
  const seconds = (path: string, key: string) =>
    Number(new RegExp(`^${key}_seconds: ([\\d.]+)$`, 'm').exec(rig.read(path))?.[1]);
  const changes = runs.flatMap((run) => {
    const last = Number(/^attempt: (\d+)$/m.exec(rig.read(`logs/${run}/metadata/info.yaml`))?.[1] ?? 1);
    return ids(last).flatMap((attempt): [number, number][] => {
      const path = `logs/${run}/metadata/attempts/${attempt}`;
      return [
        [seconds(`${path}.yaml`, 'start'), 1],
        [seconds(`${path}.end.yaml`, 'end'), -1],
      ];
    });
  });
  expect(changes.every(([at]) => at > 0)).toBe(true);
  let now = 0;
  // Of two changes at the same time the end counts first.
  return Math.max(...changes.sort(([a, x], [b, y]) => a - b || x - y).map(([, change]) => (now += change)));
}

const options = ['--no-config', '--max-running', '2'];

const clusters = ['slurm', 'sge', 'oar'] as const;

// The engines take nothing from one another, and most of the time is theirs.
describe.concurrent('--max-running 2', () => {
  test.for(clusters)('%s: 15 runs, never more than two at once', { timeout: 200_000 }, async (name, context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'i=range(15)', '--scheduler', name, ...options);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('2 running at once')]);
    await rig.until(ids(15), 'COMPLETE', 180);
    expect(mostAtOnce(rig, ids(15))).toBe(2);
  });

  test.for(clusters)('%s: what is submitted again waits for its turn', { timeout: 200_000 }, async (name, context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const words = ['do=once,wait', 'i=1,2', '--scheduler', name, '--array', 'never', ...options];
    expect((await rig.mlx('run', 'main.sh', ...words)).exitCode).toBe(0);
    await rig.until([1, 2], 'FAILED', 120);
    expect((await rig.mlx('resubmit', '1', '2')).exitCode).toBe(0);
    const again = [...(await rig.list('1', '2')).values()].map(({ status, reason }) => [status, reason]);
    expect(again).toEqual([1, 2].map(() => ['QUEUED', expect.stringMatching(/^waits for [34]$/)]));
    rig.write('go', '');
    await rig.until(ids(4), 'COMPLETE', 120);
    expect(mostAtOnce(rig, ids(4))).toBe(2);
  });

  test('slurm: several arrays run one after the other', { timeout: 200_000 }, async (context) => {
    await runsArraysInTurn(await slurmOfSmallArrays(context), 'slurm');
  });
});

/** A Slurm whose arrays have five tasks at most. */
async function slurmOfSmallArrays(context: TestContext): Promise<ClusterRig> {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-slurm-arrays-'));
  const rig = clusterRig('slurm', context, 'project', { SLURM_CONF: join(directory, 'etc', 'slurm.conf') });
  const asked = ['--no-acct', '--nodes', '2', '--port', '18850', '--conf', 'MaxArraySize=6', directory];
  context.onTestFinished(async () => void (await execa(script('stop-slurm.sh'), ['--wipe', directory])), 60_000);
  await execa(script('start-slurm.sh'), asked, { stdio: 'ignore' });
  return rig;
}

/** Grid Engine with five tasks in an array at most. */
async function sgeOfSmallArrays(context: TestContext): Promise<ClusterRig> {
  const rig = clusterRig('sge', context);
  const { stdout } = await rig.command('qconf', '-sconf', 'global');
  const file = join(mkdtempSync(join(tmpdir(), 'mlx-sge-conf-')), 'global');
  const change = async (text: string) => {
    writeFileSync(file, text);
    await rig.command('qconf', '-Mconf', file);
  };
  context.onTestFinished(() => change(stdout), 30_000);
  await change(stdout.replace(/^max_aj_tasks.*$/m, 'max_aj_tasks                 5'));
  expect(readFileSync(file, 'utf8')).toMatch(/^max_aj_tasks +5$/m);
  return rig;
}

async function runsArraysInTurn(rig: ClusterRig, name: string): Promise<void> {
  rig.write('main.sh', program);
  const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'i=range(12)', '--scheduler', name, ...options);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('12 runs as 3 arrays of 12 jobs')]);
  const waiting = (await rig.list()).get(12);
  expect([waiting?.status, waiting?.reason]).toEqual(['QUEUED', expect.stringMatching(/^waits for /)]);
  await rig.until(ids(12), 'COMPLETE', 180);
  expect(mostAtOnce(rig, ids(12))).toBe(2);
}

test('sge: several arrays run one after the other', { timeout: 200_000 }, async (context) => {
  await runsArraysInTurn(await sgeOfSmallArrays(context), 'sge');
});
