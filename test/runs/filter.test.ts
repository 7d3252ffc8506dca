import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHere } from '../../src/launch/index.js';
import { allRuns, filterRuns, type RunFilter } from '../../src/runs/index.js';
import { readRun } from '../../src/store/index.js';
import { EngineAsker } from '../../src/tracking/index.js';
import {
  changeJob,
  eventsOf,
  hereTarget,
  makeRuns,
  queueTarget,
  shPlan,
  slurmTarget,
  storeDirectory,
  testOrigin,
} from '../rig/launches.js';

let directory: string;
let store: string;
let queued: string;

/** 1 and 2 have ended here, the second badly; 3 and 4 are tasks of a stopped array of Slurm; 5 and 6 wait in the queue as `mine`. */
beforeAll(async () => {
  directory = storeDirectory(afterAll);
  store = join(directory, 'logs');
  await eventsOf(startHere(shPlan(directory, 'exit $n', ['n=0,1']), hereTarget(), testOrigin));
  await makeRuns(shPlan(directory, 'true', ['n=1,2']), await slurmTarget());
  const verdict = { status: 'STOPPED', attempt: 1, reason: 'by ada' } as const;
  changeJob(store, 3, { jobId: '70_1', verdict });
  changeJob(store, 4, { jobId: '70_2', verdict });
  queued = (await makeRuns(shPlan(directory, 'true', ['n=1,2']), queueTarget({ name: 'mine' }))).launch;
});

const all: RunFilter = { statuses: undefined, launch: undefined, job: undefined, name: undefined, local: false };

async function kept(filter: Partial<RunFilter>, read = (id: number) => readRun(store, id)): Promise<number[]> {
  const briefs = await allRuns(store, directory, new EngineAsker(store));
  return filterRuns(briefs, { ...all, ...filter }, read).map(({ id }) => id);
}

describe('a filter keeps', () => {
  test('all runs if nothing matters', async () => {
    expect(await kept({})).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('the runs of any of the statuses', async () => {
    expect(await kept({ statuses: new Set(['FAILED', 'STOPPED']) })).toEqual([2, 3, 4]);
  });

  test('no run if no status may be', async () => {
    expect(await kept({ statuses: new Set() })).toEqual([]);
  });

  test('the runs of a launch', async () => {
    expect(await kept({ launch: queued })).toEqual([5, 6]);
  });

  test('the tasks of an array', async () => {
    expect(await kept({ job: '70' })).toEqual([3, 4]);
  });

  test('one task of an array', async () => {
    expect(await kept({ job: '70_2' })).toEqual([4]);
  });

  test('the runs of a name', async () => {
    expect(await kept({ name: 'mine' })).toEqual([5, 6]);
  });

  test('the runs of the local queue', async () => {
    expect(await kept({ local: true })).toEqual([5, 6]);
  });

  test('only what passes every part of it', async () => {
    expect(await kept({ local: true, statuses: new Set(['QUEUED']), launch: queued, name: 'mine' })).toEqual([5, 6]);
    expect(await kept({ local: true, statuses: new Set(['COMPLETE']) })).toEqual([]);
  });

  test('no run that has gone meanwhile, if its job record matters', async () => {
    expect(await kept({ local: true }, (id) => (id === 5 ? undefined : readRun(store, id)))).toEqual([6]);
  });
});

describe('runs are read', () => {
  test('not at all for what their briefs say', async () => {
    const read = () => {
      throw new Error('read');
    };
    expect(await kept({ statuses: new Set(['COMPLETE']), launch: undefined }, read)).toEqual([1]);
  });

  test('only if the rest of the filter lets them pass', async () => {
    const seen: number[] = [];
    await kept({ statuses: new Set(['STOPPED']), job: '70' }, (id) => {
      seen.push(id);
      return readRun(store, id);
    });
    expect(seen).toEqual([3, 4]);
  });
});
