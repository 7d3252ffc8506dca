import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchEngines } from '../../src/engines/index.js';
import { arrayIdFrom, positionInArray, spreadIds, stepOf } from '../../src/launch/engine/array-ids.js';
import { type EngineTarget, planTarget } from '../../src/launch/index.js';
import { defaultSettings } from '../../src/settings/index.js';
import { noDependencies } from '../../src/store/index.js';

const waiting = () => ({ after: noDependencies, chain: false });

async function targetFor(name: string, step: number): Promise<EngineTarget> {
  const { target } = await planTarget({}, { chosen: name, settings: defaultSettings, waiting });
  const words = ['submit'] as const;
  return { ...(target as EngineTarget), ...(step > 1 && { submit: { words, single: words, step } }) };
}

const steps = fc.integer({ min: 1, max: 50 });
const positions = fc.nat(200);

describe.for(batchEngines)('$title', (engine) => {
  test("an array's id is found from the id of any of its tasks", async () => {
    const numbers = fc.integer({ min: 1, max: 10 ** 8 }).map(String);
    await fc.assert(
      fc.asyncProperty(numbers, steps, positions, async (jobId, step, position) => {
        const target = await targetFor(engine.names[0], step);
        const pattern = engine.taskPattern(jobId);
        const task =
          pattern === undefined
            ? String(Number(jobId) + position)
            : pattern.replace('{task}', String(1 + position * step));
        expect(arrayIdFrom(target, task, position)).toEqual([jobId]);
      }),
    );
  });

  test('the shell finds the position of a task from its index', () => {
    const name = /\$\{?(\w+)/.exec(engine.task.index)?.[1] ?? '';
    const cases = [1, 2, 7].flatMap((step) => [1, 2, 3, 40].map((position) => ({ step, position })));
    const lines = cases.map(
      ({ step, position }) => `${name}=${1 + (position - 1) * step}; echo ${positionInArray(engine, step)}`,
    );
    const { stdout } = spawnSync('bash', ['-c', lines.join('\n')], { encoding: 'utf8' });
    expect(stdout.trim().split('\n').map(Number)).toEqual(cases.map(({ position }) => position));
  });
});

test('the step of an array is 1 unless a submission of the user has another', async () => {
  expect([stepOf(await targetFor('slurm', 1)), stepOf(await targetFor('slurm', 4))]).toEqual([1, 4]);
});

test('the ids of tasks are listed only if their indexes are more than 1 apart', () => {
  expect(spreadIds('7_{task}', 3, 1)).toBeUndefined();
  expect(spreadIds('7_{task}', 3, 4)).toEqual(['7_1', '7_5', '7_9']);
  expect(spreadIds(undefined, 3, 4)).toBeUndefined();
});

test.for(['pbs', 'torque'])('the id of an array of %s keeps its brackets and its server', async (name) => {
  const target = await targetFor(name, 1);
  expect(arrayIdFrom(target, '12[3].pbs', 2)).toEqual(['12[].pbs']);
  expect(arrayIdFrom(target, '12[3].pbs', 3)).toEqual([]);
});

test('no array is found from the task of another position, or without a task', async () => {
  const target = await targetFor('slurm', 1);
  expect(arrayIdFrom(target, '7_3', 3)).toEqual([]);
  expect(arrayIdFrom(target, undefined, 0)).toEqual([]);
});
