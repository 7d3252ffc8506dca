import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHere } from '../../src/launch/index.js';
import {
  allRuns,
  knownStatusWords,
  requireLaunch,
  requireRun,
  selectAmong,
  selectRuns,
  statusNamed,
} from '../../src/runs/index.js';
import { dependencyRuns } from '../../src/runs/select.js';
import { type CompleteRun, knownStatuses, matchesJob, runPaths, storePaths } from '../../src/store/index.js';
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
const launches: string[] = [];

/**
 * Runs 1 to 3 have ended here: COMPLETE, FAILED, COMPLETE. 4 and 5 are jobs 70 and 71_2 of Slurm that have ended. 6 waits in the queue
 * as `mine`. 7 is incomplete, 8 is damaged, and 9 was deleted.
 */
beforeAll(async () => {
  directory = storeDirectory(afterAll);
  store = join(directory, 'logs');
  const here = await eventsOf(startHere(shPlan(directory, 'exit $n', ['n=0,1,0']), hereTarget(), testOrigin));
  if (here[0]?.type === 'launched') launches.push(here[0].launch);
  launches.push((await makeRuns(shPlan(directory, 'true', ['n=1,2']), await slurmTarget())).launch);
  const verdict = { status: 'STOPPED', attempt: 1, reason: 'by ada' } as const;
  changeJob(store, 4, { jobId: '70', verdict });
  changeJob(store, 5, { jobId: '71_2', verdict });
  launches.push((await makeRuns(shPlan(directory, 'true'), queueTarget({ name: 'mine' }))).launch);
  mkdirSync(join(store, '7'));
  await makeRuns(shPlan(directory, 'true'));
  writeFileSync(runPaths.job(join(store, '8')), 'token: cut sh');
  mkdirSync(storePaths.deleted(store, 9), { recursive: true });
});

const selected = async (...words: string[]) => (await selectRuns(store, words, directory)).map(({ id }) => id);
const failing = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { failure?: unknown }).failure;
  }
  return 'no failure';
};

describe('selected are', () => {
  test('all runs without words', async () => {
    expect(await selected()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.for<[string[], number[]]>([
    [['2'], [2]],
    [['2-4'], [2, 3, 4]],
    [['1,3-4,6'], [1, 3, 4, 6]],
    [
      ['3', '1', '3'],
      [1, 3],
    ],
    [['0-100'], [1, 2, 3, 4, 5, 6, 7, 8]],
    [['complete'], [1, 3]],
    [['FAILED'], [2]],
    [['stopped'], [4, 5]],
    [['queued'], [6]],
    [['incomplete'], [7]],
    [['damaged'], [8]],
    [
      ['failed', '4'],
      [2, 4],
    ],
    [['lost'], []],
  ])('for %o the runs %o', async ([words, ids]) => {
    expect(await selected(...words)).toEqual(ids);
  });

  test('the runs of a launch by its name, and of the last one', async () => {
    expect(await selected(`@${launches[0]}`)).toEqual([1, 2, 3]);
    expect(await selected(`@${launches[1]}`)).toEqual([4, 5]);
    // Its only run is damaged, so that nothing is known of its launch.
    expect(await selected('@last')).toEqual([]);
  });

  test('the runs that any of the words means, each once and in order', async () => {
    const all = await allRuns(store, directory, new EngineAsker(store));
    const id = fc.integer({ min: 1, max: 8 });
    const range = fc.tuple(id, id).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    const word = fc.array(range, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const texts = words.map((ranges) => ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(','));
        const wanted = all.filter(({ id: one }) => words.flat().some(([a, b]) => a <= one && one <= b));
        expect(selectAmong(all, texts, store, directory)).toEqual(wanted);
      }),
    );
  });
});

describe('a selection is refused', () => {
  test.for<[string, object]>([
    ['4-2', { reason: 'bad-selection', selection: '4-2' }],
    ['1,', { reason: 'bad-selection', selection: '1,' }],
    ['-1', { reason: 'bad-selection', selection: '-1' }],
    ['faild', { reason: 'bad-selection', selection: 'faild', near: 'failed' }],
    ['constructor', { reason: 'bad-selection' }],
    ['12', { reason: 'no-such-run', selection: '12', last: 8, deleted: false }],
    ['1,10-20', { reason: 'no-such-run', selection: '10-20' }],
    ['9', { reason: 'no-such-run', selection: '9', deleted: true }],
    ['@nothing', { reason: 'no-such-run', selection: '@nothing' }],
    ['@../launches', { reason: 'no-such-run' }],
  ])('%s', async ([word, failure]) => {
    await expect(selected(word)).rejects.toMatchObject({ failure });
  });

  test('in a directory that is no store', async () => {
    await expect(selectRuns(join(directory, 'nowhere'), [], directory)).rejects.toMatchObject({
      failure: { reason: 'no-store', path: 'nowhere' },
    });
  });

  test('without words in a store without runs', async () => {
    const empty = join(directory, 'empty');
    mkdirSync(empty);
    await expect(selectRuns(empty, [], directory)).rejects.toMatchObject({ failure: { reason: 'no-store' } });
  });
});

describe('one run', () => {
  test('is found by its number', () => {
    expect(requireRun(store, '2', directory)).toMatchObject({ id: 2, status: { status: 'FAILED' } });
  });

  test.for<[string, object]>([
    ['7', { reason: 'incomplete-run', id: 7, path: 'logs/7' }],
    ['8', { reason: 'broken-record', path: 'logs/8/metadata/job.yaml' }],
    ['9', { reason: 'no-such-run', deleted: true }],
    ['99', { reason: 'no-such-run', deleted: false }],
    ['1-2', { reason: 'bad-selection' }],
    ['failed', { reason: 'bad-selection' }],
    ['@last', { reason: 'no-such-run' }],
  ])('is refused as %s', ([word, failure]) => {
    expect(failing(() => requireRun(store, word, directory))).toMatchObject(failure);
  });

  test('is the last one of the last launch as @last', async () => {
    const other = storeDirectory();
    await makeRuns(shPlan(other, 'true'));
    await makeRuns(shPlan(other, 'true', ['n=1,2']));
    expect(requireRun(join(other, 'logs'), '@last', other).id).toBe(3);
  });

  test('is refused where there is no store', () => {
    expect(failing(() => requireRun(join(directory, 'nowhere'), '1', directory))).toMatchObject({ reason: 'no-store' });
  });
});

describe('the runs that others wait for', () => {
  test.for<[string, number[]]>([
    ['2', [2]],
    ['3-5,1', [3, 4, 5, 1]],
    ['mine', [6]],
    ['70', [4]],
    ['71', [5]],
  ])('%s', ([word, ids]) => {
    expect(dependencyRuns(store, word, directory)).toEqual(ids);
  });

  test('are those of a launch', () => {
    expect(dependencyRuns(store, `@${launches[1]}`, directory)).toEqual([4, 5]);
  });

  test.for(['99', 'other', '7-', '@nothing', '10-20'])('are refused as %s', (word) => {
    const reason = word === '7-' ? 'bad-selection' : 'no-such-run';
    expect(failing(() => dependencyRuns(store, word, directory))).toMatchObject({ reason });
  });
});

describe('a launch', () => {
  const ids = [1, 2, 3];

  test('is named with @ and without', () => {
    const [first = ''] = launches;
    expect([first, `@${first}`].map((word) => requireLaunch(store, word, 'logs', ids))).toEqual([first, first]);
  });

  test.for(['@', '@..', '@a/b', 'nothing'])('is refused as %s', (word) => {
    expect(failing(() => requireLaunch(store, word, 'logs', ids))).toMatchObject({ reason: 'no-such-run' });
  });
});

test('every status has a word, in upper and lower case', () => {
  const statuses = [...knownStatuses, 'incomplete', 'damaged'];
  expect(statuses.map((status) => statusNamed(status.toLowerCase()))).toEqual(statuses);
  expect(statuses.map((status) => statusNamed(status.toUpperCase()))).toEqual(statuses);
  expect([...knownStatusWords].sort()).toEqual(statuses.map((status) => status.toLowerCase()).sort());
});

test.for<[string | undefined, string, boolean]>([
  ['684995', '684995', true],
  ['684995_3', '684995', true],
  ['684995.3', '684995', true],
  ['684995[3].server', '684995', true],
  ['684995.server', '684995', true],
  ['6849951', '684995', false],
  ['684995', '6849951', false],
  ['684995a', '684995', false],
  [undefined, '684995', false],
])('job %s is of %s: %s', ([jobId, job, expected]) => {
  expect(matchesJob({ jobId } as CompleteRun, job)).toBe(expected);
});
