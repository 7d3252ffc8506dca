import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startHere } from '../../src/launch/index.js';
import { existingPoints } from '../../src/launch/plan/skip-existing.js';
import { runPaths } from '../../src/store/index.js';
import { eventsOf, hereTarget, makeRuns, shPlan, storeDirectory, testOrigin } from '../rig/launches.js';

const script = 'exit ${code-0}';

/** Runs these points in a directory, and returns which points of another plan there exist then. */
async function existing(ran: readonly string[], asked: readonly string[], then = script): Promise<number[]> {
  const directory = storeDirectory();
  await run(directory, ran);
  return [...(await existingPoints(shPlan(directory, then, asked)))];
}

const run = (directory: string, words: readonly string[]) =>
  eventsOf(startHere(shPlan(directory, script, words), hereTarget(), testOrigin));

test('nothing exists before anything has run', async () => {
  expect(await existingPoints(shPlan(storeDirectory(), script, ['n=1,2']))).toEqual(new Set());
});

test('the points that have a COMPLETE run exist', async () => {
  expect(await existing(['n=2,4'], ['n=1,2,3,4'])).toEqual([1, 3]);
});

test('of a point that is asked for three times and was run once, two are left', async () => {
  expect(await existing(['n=1'], ['n=1,1,1'])).toEqual([0]);
});

test('a point that was run twice stands for two points', async () => {
  expect(await existing(['n=1,1'], ['n=1,2,1,1'])).toEqual([0, 2]);
});

test('runs of several launches are counted together', async () => {
  const directory = storeDirectory();
  await run(directory, ['n=1']);
  await run(directory, ['n=1,3']);
  expect([...(await existingPoints(shPlan(directory, script, ['n=1,1,1,3'])))]).toEqual([0, 1, 3]);
});

test('a point whose run failed does not exist', async () => {
  expect(await existing(['code=0,1'], ['code=0,1'])).toEqual([0]);
});

test('a point whose run has not started exists, unless only COMPLETE runs count', async () => {
  const directory = storeDirectory();
  const plan = shPlan(directory, script, ['n=1']);
  await makeRuns(plan);
  expect(await existingPoints(plan)).toEqual(new Set([0]));
  expect(await existingPoints(plan, 'complete')).toEqual(new Set());
});

test('a run of another command stands for no point', async () => {
  expect(await existing(['n=1'], ['n=1'], 'exit 0')).toEqual([]);
});

test('a run in another working directory stands for no point', async () => {
  const directory = storeDirectory();
  await run(directory, ['n=1']);
  const plan = shPlan(directory, script, ['n=1']);
  expect(await existingPoints({ ...plan, cwd: join(directory, 'elsewhere') })).toEqual(new Set());
});

test('a run that got its overrides in another style stands for no point', async () => {
  const directory = storeDirectory();
  await run(directory, ['n=1']);
  const plan = shPlan(directory, script, ['n=1']);
  const commands = plan.commands.map((command) => ({ ...command, args: { ...command.args, style: 'flags' as const } }));
  expect(await existingPoints({ ...plan, commands })).toEqual(new Set());
});

test('a run whose config has other keys stands for no point', async () => {
  expect(await existing(['n=1', 'm=2'], ['n=1'])).toEqual([]);
});

test('values are compared, not how they are written', async () => {
  expect(await existing(['n=1.50'], ['n=1.5,1.50'])).toEqual([0]);
});

test('a config that the program has written again in its own way is still the same', async () => {
  const directory = storeDirectory();
  await run(directory, ['n=1', 's=word']);
  const path = runPaths.config(join(directory, 'logs', '1'));
  expect(readFileSync(path, 'utf8')).toBe('"n": 1\ns: word\n...\n');
  writeFileSync(path, '{"n": 1, "s": "word"}\n');
  expect([...(await existingPoints(shPlan(directory, script, ['n=1', 's=word'])))]).toEqual([0]);
});
