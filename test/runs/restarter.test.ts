import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type EngineTarget, planTarget } from '../../src/launch/index.js';
import { type Resources, readResources } from '../../src/resources/index.js';
import { Restarter } from '../../src/runs/restarter.js';
import { defaultSettings } from '../../src/settings/index.js';
import { type FinalStatus, noDependencies, type Verdict } from '../../src/store/index.js';
import {
  changeJob,
  eventsOf,
  hereTarget,
  inWords,
  makeRuns,
  queueTarget,
  runAt,
  shPlan,
  storeDirectory,
} from '../rig/launches.js';
import { makeRig, pathOf } from '../rig/rig.js';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

async function target(chosen: string, asked: Record<string, unknown>): Promise<EngineTarget> {
  const waiting = () => ({ after: noDependencies, chain: false });
  const planned = await planTarget({}, { chosen, settings: defaultSettings, waiting });
  return { ...(planned.target as EngineTarget), resources: readResources([asked]) };
}

const verdict = (status: FinalStatus): Verdict => ({ status, attempt: 1, reason: 'as the test says' });

/** A store with one run that was submitted to an engine, and its end. */
async function ended(
  status: FinalStatus,
  asked: Partial<Record<keyof Resources, unknown>>,
  chosen = 'slurm',
): Promise<string> {
  const directory = storeDirectory();
  await makeRuns(shPlan(directory, 'true'), await target(chosen, { time: '1h', ...asked }));
  const store = join(directory, 'logs');
  changeJob(store, 1, { jobId: '70', verdict: verdict(status) });
  return store;
}

const decide = (store: string, restarter = new Restarter(store)) => restarter.decide(runAt(store, 1));

describe('a run has ended for good', () => {
  test.for<FinalStatus>(['COMPLETE', 'FAILED', 'STOPPED'])('as %s', async (status) => {
    expect(await decide(await ended(status, { continueOnTimeout: true, requeue: true }))).toBe('ended');
  });

  test('over its time if it does not continue', async () => {
    expect(await decide(await ended('TIMEOUT', { requeue: true }))).toBe('ended');
  });

  test('preempted, if it is not requeued', async () => {
    expect(await decide(await ended('PREEMPTED', { continueOnTimeout: true }))).toBe('ended');
  });

  test('if it has continued as often as it may', async () => {
    const store = await ended('TIMEOUT', { continueOnTimeout: 2 });
    changeJob(store, 1, { continued: 1 });
    expect(await decide(store)).toBe('later');
    changeJob(store, 1, { continued: 2 });
    expect(await decide(store)).toBe('ended');
  });

  test('if it was changed so that it does not continue', async () => {
    const store = await ended('TIMEOUT', { continueOnTimeout: true });
    changeJob(store, 1, { changed: JSON.stringify({ continueOnTimeout: false }) });
    expect(await decide(store)).toBe('ended');
  });

  test('if the record of its launch is lost', async () => {
    const store = await ended('TIMEOUT', { continueOnTimeout: true });
    rmSync(join(store, '.mlx', 'launches'), { recursive: true });
    expect(await decide(store)).toBe('ended');
  });

  test.for([
    ['on this machine', hereTarget({ continues: true })],
    ['from the local queue', queueTarget({ continues: true })],
  ] as const)('%s, where its launch restarts it', async ([, where]) => {
    const directory = storeDirectory();
    await makeRuns(shPlan(directory, 'true'), where);
    changeJob(join(directory, 'logs'), 1, { verdict: verdict('TIMEOUT') });
    expect(await decide(join(directory, 'logs'))).toBe('ended');
  });
});

describe('a run that goes on', () => {
  test.for<[FinalStatus, object]>([
    ['TIMEOUT', { continueOnTimeout: true }],
    ['PREEMPTED', { requeue: true }],
  ])('after %s is left to an engine that restarts jobs, for a while', async ([status, asked]) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const store = await ended(status, asked);
    const restarter = new Restarter(store);
    const decisions: string[] = [];
    for (const seconds of [0, 44, 2]) {
      vi.setSystemTime(Date.now() + seconds * 1000);
      decisions.push(await decide(store, restarter));
    }
    expect(decisions).toEqual(['later', 'later', 'now']);
  });

  test('is submitted at once in an engine that restarts no jobs', async () => {
    expect(await decide(await ended('TIMEOUT', { continueOnTimeout: true }, 'pbs'))).toBe('now');
  });

  test('is submitted as its next attempt, with its restarts counted', async () => {
    const rig = makeRig();
    const sbatch = rig.write('bin/sbatch', '#!/bin/sh\necho 71\n');
    vi.stubEnv('PATH', `${dirname(sbatch)}:${pathOf('sh')}`);
    const store = await ended('TIMEOUT', { continueOnTimeout: true });
    const { token } = runAt(store, 1).job ?? {};
    const restarter = new Restarter(store);
    await restarter.decide(runAt(store, 1));
    const launch = { events: restarter.submit(runAt(store, 1)), stop: () => {} };
    expect((await eventsOf(launch)).map(inWords)).toEqual(['again 1 attempt 1 after TIMEOUT']);
    const { job } = runAt(store, 1);
    expect(job).toMatchObject({ jobId: '71', continued: 1, verdict: undefined });
    expect(job?.token).not.toBe(token);
  });

  test('is not submitted if it has ended for good meanwhile', async () => {
    const store = await ended('COMPLETE', { continueOnTimeout: true });
    expect(await eventsOf({ events: new Restarter(store).submit(runAt(store, 1)), stop: () => {} })).toEqual([]);
  });
});
