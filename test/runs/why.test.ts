import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readLaunch, startHere, type Target } from '../../src/launch/index.js';
import { noResources } from '../../src/resources/index.js';
import { explainRun } from '../../src/runs/index.js';
import type { FinalStatus } from '../../src/store/index.js';
import {
  changeJob,
  eventsOf,
  hereTarget,
  makeRuns,
  queueTarget,
  runAt,
  shPlan,
  slurmTarget,
  storeDirectory,
  testOrigin,
} from '../rig/launches.js';
import { makeRig, pathOf, type Rig, waitUntil } from '../rig/rig.js';

let directory: string;
let store: string;
beforeEach(() => {
  directory = storeDirectory();
  store = join(directory, 'logs');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function why(id = 1) {
  const run = runAt(store, id);
  const { facts, next } = await explainRun(run, store, await readLaunch(store, run.job?.launch ?? ''));
  const launch = `@${run.job?.launch}`;
  return { facts: facts.map(([name, text]) => `${name}: ${text}`), next: next.map((one) => one.replace(launch, '@L')) };
}

const ran = (script: string, words: string[] = []) =>
  eventsOf(startHere(shPlan(directory, script, words), hereTarget(), testOrigin));
const made = (target: Target, words: string[] = []) => makeRuns(shPlan(directory, 'true', words), target);
const verdict = (status: FinalStatus, reason = 'by ada') => ({ status, attempt: 1, reason }) as const;

describe('a run on this machine', () => {
  test('that is COMPLETE can be shown', async () => {
    await ran('true');
    expect(await why()).toEqual({ facts: ['status: COMPLETE', 'its program: exit code 0'], next: ['mlx show 1'] });
  });

  test('that failed says how its program ended', async () => {
    await ran('exit 3');
    expect((await why()).facts.at(-1)).toBe('its program: exit code 3');
    expect((await why()).next).toEqual(['mlx logs 1', 'mlx resubmit 1']);
  });

  test('that was killed says by which signal', async () => {
    await ran('kill -SEGV $$');
    expect((await why()).facts.at(-1)).toBe('its program: exit code 139, killed by SIGSEGV');
  });

  test('that was stopped says what it was sent', async () => {
    const script = 'trap "exit 9" TERM; touch up; while :; do sleep 0.02; done';
    const launch = startHere(shPlan(directory, script), hereTarget(), testOrigin);
    const events = eventsOf(launch);
    await waitUntil(() => existsSync(join(directory, 'up')), 'the program runs');
    launch.stop('by ada');
    await events;
    expect(await why()).toEqual({
      facts: ['status: STOPPED: by ada', 'its program: exit code 9, was sent TERM'],
      next: ['mlx resume @L', 'mlx rerun 1'],
    });
  });

  test.for<[FinalStatus, string[]]>([
    ['TIMEOUT', ['mlx logs 1', 'mlx resubmit 1 --time …']],
    ['PREEMPTED', ['mlx resume @L']],
  ])('that ended as %s has its own next step', async ([status, next]) => {
    await made(hereTarget());
    changeJob(store, 1, { verdict: verdict(status) });
    expect(await why()).toEqual({ facts: [`status: ${status}: by ada`], next });
  });

  test('that has not started is started by resuming its launch', async () => {
    await made(hereTarget());
    expect(await why()).toEqual({ facts: ['status: STARTING'], next: ['mlx resume @L'] });
  });

  test('that never started and whose launcher is gone is lost', async () => {
    await made(hereTarget());
    const { launcher } = runAt(store, 1).job ?? {};
    changeJob(store, 1, { launcher: { ...launcher!, start: 'another process' } });
    expect((await why()).next).toEqual(['mlx resume @L', 'mlx rerun 1']);
  });
});

describe('a run in the local queue', () => {
  test('waits for mlx execute', async () => {
    await made(queueTarget());
    expect((await why()).next).toEqual(['mlx execute', 'mlx stop 1']);
  });

  test('that is held can be released', async () => {
    await made(queueTarget());
    const { queued } = runAt(store, 1).job ?? {};
    changeJob(store, 1, { queued: { ...queued!, held: true } });
    expect(await why()).toEqual({ facts: ['status: HELD'], next: ['mlx release 1', 'mlx stop 1'] });
  });

  test('names the runs that it waits for, those that are not COMPLETE first', async () => {
    await ran('exit $n', ['n=0,1,0']);
    await made(queueTarget({ after: { ok: [1], any: [2, 3], fail: [] } }));
    changeJob(store, 4, { after: { ok: [1], any: [2, 3], fail: [] } });
    expect((await why(4)).facts.slice(1)).toEqual([
      'waits for: run 2 FAILED: exit code 1',
      'waits for: run 1 COMPLETE',
      'waits for: run 3 COMPLETE',
    ]);
  });

  test('names five of many runs that it waits for, and counts the others', async () => {
    await made(queueTarget(), ['n=1,2,3,4,5,6,7,8']);
    changeJob(store, 8, { after: { ok: [1, 2, 3, 4, 5, 6, 7], any: [], fail: [] } });
    const waits = (await why(8)).facts.filter((fact) => fact.startsWith('waits for'));
    expect(waits.map((fact) => fact.replace(/ QUEUED.*/, ''))).toEqual([
      'waits for: run 1',
      'waits for: run 2',
      'waits for: run 3',
      'waits for: run 4',
      'waits for: run 5',
      'waits for: 2 more',
    ]);
  });

  test('that failed because another did sends to that one', async () => {
    await made(queueTarget(), ['n=1,2']);
    changeJob(store, 2, { verdict: verdict('FAILED', 'dependency 1 failed') });
    expect((await why(2)).next).toEqual(['mlx why 1', 'mlx resubmit 1']);
  });
});

describe('a run in Slurm', () => {
  let rig: Rig;
  /** Stubs of Slurm's commands; those that are not given are not on PATH. */
  function slurm(commands: Record<string, string>): void {
    rig = makeRig();
    const files = Object.entries(commands).map(([name, body]) => rig.write(`bin/${name}`, `#!/bin/sh\n${body}\n`));
    vi.stubEnv('PATH', [...files.map(dirname).slice(0, 1), pathOf('sh')].join(':'));
  }

  test('that was not submitted says how it would be', async () => {
    slurm({});
    await made(await slurmTarget());
    const { facts } = await why();
    expect(facts).toContain('job: not known to be submitted');
    expect(facts.at(-1)).toMatch(/^submitted by: sbatch --parsable .*script\.sh.* --submission=\w+$/);
  });

  test('that is a task of an array names the task', async () => {
    slurm({});
    await made(await slurmTarget());
    changeJob(store, 1, { task: { array: 0, index: 3 } });
    const { launch } = runAt(store, 1).job ?? {};
    expect((await why()).facts).toContain(`submitted by: task 3 of array 0 of launch @${launch}`);
  });

  test('adds what Slurm says of its job', async () => {
    slurm({ sacct: "echo '70|TIMEOUT|0:0|01:00:00|01:00:00|1G||node7'", squeue: 'exit 1' });
    await made(await slurmTarget());
    changeJob(store, 1, { jobId: '70', verdict: verdict('TIMEOUT') });
    expect((await why()).facts.filter((fact) => !fact.startsWith('submitted by'))).toEqual([
      'status: TIMEOUT: by ada',
      'job: 70',
      'state in Slurm: TIMEOUT',
      'time: 01:00:00 of 01:00:00',
      'nodes: node7',
    ]);
  });

  test('that waits has no nodes, no exit code and no memory that nobody asked for', async () => {
    slurm({ sacct: "echo '70|PENDING|0:0|00:00:00|01:00:00|4000M||None assigned|'", squeue: 'exit 0' });
    await made(await slurmTarget());
    changeJob(store, 1, { jobId: '70', verdict: verdict('STOPPED') });
    expect((await why()).facts.filter((fact) => !/^(status|job|submitted by)/.test(fact))).toEqual([
      'state in Slurm: PENDING',
      'time: 00:00:00 of 01:00:00',
    ]);
  });

  test.for([
    ['an option', { resources: { ...noResources, mem: 2 ** 30 } }],
    ['a native option', { options: ['--mem=1G'] }],
  ] as const)('has the memory that %s asks for', async ([, more]) => {
    slurm({ sacct: "echo '70|OUT_OF_MEMORY|0:125|00:00:09|01:00:00|1G||n1|'", squeue: 'exit 1' });
    await made(await slurmTarget(more));
    changeJob(store, 1, { jobId: '70', verdict: verdict('FAILED') });
    expect((await why()).facts).toEqual(
      expect.arrayContaining([
        'state in Slurm: OUT_OF_MEMORY, exit code:signal 0:125',
        'memory: not measured of 1G asked for',
      ]),
    );
  });

  test('is still explained if Slurm does not answer', async () => {
    slurm({});
    await made(await slurmTarget());
    changeJob(store, 1, { jobId: '70', verdict: verdict('FAILED') });
    const { facts, next } = await why();
    expect(facts.slice(0, 2)).toEqual(['status: FAILED: by ada', 'job: 70']);
    expect(next).toEqual(['mlx logs 1', 'mlx resubmit 1']);
  });

  test('that goes on by itself is watched, or its launch resumed', async () => {
    slurm({});
    const { resources } = await slurmTarget();
    await made(await slurmTarget({ resources: { ...resources, time: 60, continueOnTimeout: true } }));
    changeJob(store, 1, { jobId: '70', verdict: verdict('TIMEOUT') });
    expect((await why()).next).toEqual(['mlx watch 1', 'mlx resume @L']);
    changeJob(store, 1, { changed: JSON.stringify({ continueOnTimeout: false }) });
    expect((await why()).next).toEqual(['mlx logs 1', 'mlx resubmit 1 --time …']);
  });
});

test('a run whose launch cannot be read is explained by its own records', async () => {
  await ran('exit 3');
  const { facts, next } = await explainRun(runAt(store, 1), store, undefined);
  expect(facts.map(([name]) => name)).toEqual(['status', 'its program']);
  expect(next).toEqual(['mlx logs 1', 'mlx resubmit 1']);
});
