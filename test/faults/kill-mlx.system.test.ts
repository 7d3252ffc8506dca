import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxWithFault, type Rig, soak, waitUntil } from '../rig/rig.js';
import { expectAllDone, listedRuns, pointsDone, program } from './launch-checks.js';

const points = soak ? ['i=1', 'i=2', 'i=3', 'i=4'] : ['i=1', 'i=2'];
const launch = ['run', 'main.sh', `i=${points.map((point) => point.slice(2)).join(',')}`, '-j', '2', '-q'];

/** What `mlx resume` says of a launch that was killed before it was on record, or had a directory at all. */
const unrecorded = (rig: Rig) =>
  rig.tree().some((name) => /launches\/\w+\/$/.test(name))
    ? [1, expect.stringMatching(/^mlx: launch \w+ of \S+ was ended before anything of it ran\n {2}launch it again; /)]
    : [2, expect.stringMatching(/^mlx: there is no launch in 'logs'\n/)];

describe('mlx resume finishes a launch', () => {
  // Before each call that changes something, and in the middle of each write.
  test.for(['kill', 'torn'])('that was killed at any step (%s)', { timeout: 600_000 }, async (kind) => {
    let steps = 0;
    for (let at = 1; ; at++) {
      const rig = makeRig();
      rig.write('main.sh', program);
      const { reached, signal, stderr } = await mlxWithFault(rig, { kind, at }, launch);
      if (!reached) break;
      steps = at;
      expect(signal, stderr).toBe('SIGKILL');
      const resumed = await rig.mlx('resume', '-q');
      if (pointsDone(rig).length === 0) {
        // Killed before the launch was on record: nothing was started, nothing is there, and resume says so.
        expect([resumed.exitCode, resumed.stderr], `step ${at}`).toEqual(unrecorded(rig));
        expect((await listedRuns(rig)).filter(({ status }) => status !== null)).toEqual([]);
        continue;
      }
      expect([resumed.exitCode, resumed.stderr.replace(/^every launch.*\n/, '')], `step ${at}`).toEqual([0, '']);
      await expectAllDone(rig, points, `${kind} at step ${at}`);
    }
    expect(steps).toBeGreaterThan(20);
  });

  test('that was to continue in a run of before', { timeout: 600_000 }, async () => {
    for (let at = 1; ; at += soak ? 1 : 5) {
      const rig = makeRig();
      rig.write('main.sh', program);
      await rig.mlx('run', 'main.sh', 'i=1', '-q');
      const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, [
        'run',
        'main.sh',
        'i=2',
        '--log-id',
        '1',
        '-q',
      ]);
      if (!reached) break;
      const { exitCode, stderr } = await rig.mlx('resume', '-q');
      // What was begun and is not on record is named.
      expect(exitCode, `step ${at}`).toBe(/was ended before anything of it ran/.test(stderr) ? 1 : 0);
      expect([['i=1'], ['i=1', 'i=2']], `step ${at}`).toContainEqual(pointsDone(rig));
      expect(await listedRuns(rig), `step ${at}`).toMatchObject([{ run: 1, status: 'COMPLETE' }]);
      // Where the launch was on record, it was carried out.
      if (rig.tree('logs/.mlx/launches').filter((name) => name.endsWith('launch.yaml')).length === 2) {
        expect(pointsDone(rig), `step ${at}`).toEqual(['i=1', 'i=2']);
      }
    }
  });

  test('that was killed again and again, while resuming too', { timeout: 600_000 }, async () => {
    const rig = makeRig();
    rig.write('main.sh', program);
    const words = Array.from({ length: 20 }, (_, i) => `i=${i}`);
    await mlxWithFault(rig, { kind: 'kill', at: 40 }, [
      'run',
      'main.sh',
      `i=${words.map((w) => w.slice(2)).join(',')}`,
      '-j',
      '2',
      '-q',
    ]);
    for (let at = 3; at < 30; at += 6) await mlxWithFault(rig, { kind: 'kill', at }, ['resume', '-q']);
    expect((await rig.mlx('resume', '-q')).exitCode).toBe(0);
    await expectAllDone(rig, words, 'killed again and again');
  });

  test('of twenty runs that was killed at random times', { timeout: 3_000_000 }, async () => {
    const times = soak ? 200 : 5;
    const words = Array.from({ length: 20 }, (_, i) => `i=${i}`);
    for (let i = 0; i < times; i++) {
      const rig = makeRig();
      rig.write('main.sh', program);
      const child = rig.start(['run', 'main.sh', `i=${words.map((w) => w.slice(2)).join(',')}`, '-j', '3', '-q']);
      await sleep(100 + Math.random() * 700);
      child.kill('SIGKILL');
      await child;
      const resumed = await rig.mlx('resume', '-q');
      if (pointsDone(rig).length === 0) {
        expect([resumed.exitCode, resumed.stderr]).toEqual(unrecorded(rig));
        continue;
      }
      expect([resumed.exitCode, resumed.stderr.replace(/^every launch.*\n/, '')]).toEqual([0, '']);
      await expectAllDone(rig, words, `killed at random, ${i}`);
    }
  });

  test('only once when two resume it at the same time', { timeout: 120_000 }, async () => {
    for (let i = 0; i < (soak ? 30 : 6); i++) {
      const rig = makeRig();
      rig.write('main.sh', program);
      await mlxWithFault(rig, { kind: 'kill', at: 45 }, ['run', 'main.sh', 'i=1,2,3,4,5,6', '-j', '2', '-q']);
      const both = await Promise.all([rig.mlx('resume', '-q'), rig.mlx('resume', '-q')]);
      for (const { exitCode, stderr } of both) {
        if (exitCode !== 0) expect(stderr).toMatch(/is being carried out by process/);
      }
      expect(both.some(({ exitCode }) => exitCode === 0)).toBe(true);
      await expectAllDone(rig, ['i=1', 'i=2', 'i=3', 'i=4', 'i=5', 'i=6'], `two at once, ${i}`);
    }
  });
});

describe('the local queue', () => {
  const submit = ['run', 'main.sh', `i=${points.map((point) => point.slice(2)).join(',')}`, '--scheduler', 'local'];
  const allEnded = async (rig: Rig) => (await listedRuns(rig)).every(({ status }) => status === 'COMPLETE');

  test.for(['kill', 'torn'])(
    'has all runs of a submission that was killed at any step (%s)',
    { timeout: 600_000 },
    async (kind) => {
      for (let at = 1; ; at += soak ? 1 : 3) {
        const rig = makeRig();
        rig.write('main.sh', program);
        const { reached } = await mlxWithFault(rig, { kind, at }, submit);
        if (!reached) break;
        const resumed = await rig.mlx('resume', '-q');
        const wasBegun =
          !/there is no launch|before anything of it ran/.test(resumed.stderr) || rig.tree().includes('logs/1/');
        expect((await rig.mlx('execute', '-q')).exitCode, `step ${at}`).toBe(0);
        if (wasBegun) await expectAllDone(rig, points, `${kind} at step ${at}`);
        else expect(pointsDone(rig), `step ${at}`).toEqual([]);
      }
    },
  );

  test('is finished by another mlx execute, each run once, where one was killed at any step', {
    timeout: 600_000,
  }, async () => {
    let steps = 0;
    for (let at = 1; ; at++) {
      const rig = makeRig();
      rig.write('main.sh', program);
      await rig.mlx(...submit);
      const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, ['execute', '-q']);
      if (!reached) break;
      steps = at;
      expect((await rig.mlx('execute', '-q')).exitCode, `step ${at}`).toBe(0);
      // What the first one had started may just be ending.
      await waitUntil(() => allEnded(rig), `the runs, step ${at}`);
      // What the first one was told and did not write any more, the next one that looks does.
      expect((await rig.mlx('execute', '-q')).exitCode, `step ${at}`).toBe(0);
      expect(rig.tree('logs/.mlx/queue'), `step ${at}`).toEqual([]);
      await expectAllDone(rig, points, `step ${at}`);
    }
    expect(steps).toBeGreaterThan(3);
  });
});
