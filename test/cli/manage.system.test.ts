import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxWithFault, type Rig, soak, waitUntil } from '../rig/rig.js';

const program = `#!/bin/bash
echo "out $1"
case $1 in
  i=bad*) echo 'Traceback (most recent call last):' >&2; echo "ValueError: no such thing" >&2; exit 3 ;;
  i=wait*) while [ ! -e "$MLX_LOG_DIR/../../go" ]; do sleep 0.1; done ;;
esac
`;

function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', program);
  return rig;
}

const statuses = async (rig: Rig) =>
  (JSON.parse((await rig.mlx('list', '--json')).stdout || '[]') as { run: number; status: string }[]).map(
    ({ run, status }) => `${run} ${status}`,
  );

test('delete removes runs and keeps their numbers, after asking', async () => {
  const rig = project();
  await rig.mlx('run', './main.sh', 'i=1,bad,3', '-q');
  const asked = await rig.mlx('delete', 'failed');
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('delete run 2?\n  --yes answers yes')]);
  const unnamed = await rig.mlx('delete', '--yes');
  expect([unnamed.exitCode, unnamed.stderr]).toEqual([
    2,
    expect.stringContaining('mlx delete could be meant for 3 runs'),
  ]);
  expect(await statuses(rig)).toEqual(['1 COMPLETE', '2 FAILED', '3 COMPLETE']);
  expect(await rig.mlx('delete', '2-3', '--yes')).toMatchObject({ exitCode: 0, stdout: 'deleted 2 runs (2-3)\n' });
  expect([existsSync(join(rig.directory, 'logs/2')), rig.tree('logs/.mlx/deleted')]).toEqual([false, ['2/', '3/']]);
  const gone = await rig.mlx('delete', '3', '--yes');
  expect([gone.exitCode, gone.stderr]).toEqual([2, expect.stringContaining("run 3 was deleted from 'logs'")]);
  // Numbers are not used again, not even where the hint is gone.
  rmSync(join(rig.directory, 'logs/.mlx/next'), { force: true });
  await rig.mlx('run', './main.sh', 'i=4', '-q');
  expect(await statuses(rig)).toEqual(['1 COMPLETE', '4 COMPLETE']);
  expect((await rig.mlx('delete', '--all', '-y')).stdout).toBe('deleted 2 runs (1, 4)\n');
});

test('the last launch is the last one in a store that was copied, too', async () => {
  const rig = project();
  for (const i of ['1', '2', '3']) {
    await rig.mlx('run', './main.sh', `i=${i}`, '-q');
    // Dates of launches are of whole seconds.
    const second = Math.floor(Date.now() / 1000);
    await waitUntil(() => Date.now() / 1000 >= second + 1, 'the next second');
  }
  const launches = join(rig.directory, 'logs/.mlx/launches');
  // As a copy has them: in the order of names.
  for (const [at, name] of readdirSync(launches).sort().entries()) {
    utimesSync(join(launches, name, 'launch.yaml'), at, at);
  }
  expect((await rig.mlx('list', '@last', '--columns', 'run')).stdout).toBe('run\n  3\n');
});

test('delete stops what goes on, and leaves alone what is being made', async () => {
  const rig = project();
  const running = rig.start(['run', './main.sh', 'i=wait', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'logs/1/log.stdout')), 'its start');
  mkdirSync(join(rig.directory, 'logs/7'));
  const { exitCode, stdout, stderr } = await rig.mlx('delete', '1', '7', '-y');
  expect([exitCode, stdout, stderr]).toEqual([
    3,
    'deleted run 1\n',
    expect.stringContaining("can't delete 7: it was never completed"),
  ]);
  expect((await running).exitCode).toBe(1);
  expect(existsSync(join(rig.directory, 'logs/1'))).toBe(false);
});

test('a delete that is killed at any step has deleted a run or not', { timeout: 300_000 }, async () => {
  let steps = 0;
  for (let at = 1; ; at += soak ? 1 : 2) {
    const rig = project();
    await rig.mlx('run', './main.sh', 'i=1,2', '-q');
    const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, ['delete', '1', '2', '--yes']);
    if (!reached) break;
    steps = at;
    for (const status of await statuses(rig)) expect(status, `step ${at}`).toMatch(/COMPLETE/);
    await rig.mlx('gc', '--yes');
    const left = rig.tree('logs/.mlx').filter((name) => /^deleted\/\d+\/./.test(name));
    expect(left, `step ${at}`).toEqual([]);
    await rig.mlx('delete', '--all', '--yes');
    expect(await statuses(rig), `step ${at}`).toEqual([]);
  }
  expect(steps).toBeGreaterThan(3);
});

test('report tells failures of one kind as one, and every run by itself where that is asked for', async () => {
  const rig = project();
  await rig.mlx('run', './main.sh', 'i=1,bad1,bad2,bad3', '-q', '-j', '1');
  const { stdout } = await rig.mlx('report', '--errors-only');
  expect(stdout).toMatch(
    /^run 2 {2}FAILED {2}exit code 3\n {2}error {6}ValueError: no such thing\n {2}command {4}\/.*bash \.\/main\.sh i=bad1\n/,
  );
  expect(stdout).toContain(
    '  stdout\n    out i=bad1\n  stderr\n    Traceback (most recent call last):\n    ValueError: no such thing\n',
  );
  expect(stdout).toContain('  2 other runs ended alike: 3-4  ValueError: no such thing\n');
  expect(stdout.match(/^run /gm)).toHaveLength(1);
  expect((await rig.mlx('report', '--each')).stdout.match(/^run /gm)).toHaveLength(4);
  expect((await rig.mlx('report', '1', '--output')).stdout).not.toContain('stderr');
  const json = JSON.parse((await rig.mlx('report', '--status', 'failed', '--errors', '--full', '--json')).stdout);
  expect(json).toHaveLength(3);
  expect(json[0]).toMatchObject({
    run: 2,
    stderr: ['Traceback (most recent call last):', 'ValueError: no such thing'],
  });
});

test('logs of several runs have their run in front, are followed to the end, and survive rotation', async () => {
  const rig = project();
  const running = rig.start(['run', './main.sh', 'i=1,wait', '-q']);
  const printed = (run: number) => {
    const path = join(rig.directory, `logs/${run}/log.stdout`);
    return existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
  };
  await waitUntil(() => printed(1) && printed(2), 'their output');
  const following = rig.start(['logs', '-f', '1-2']);
  let shown = '';
  following.stdout?.on('data', (data) => {
    shown += data;
  });
  await waitUntil(() => shown.includes('[2]'), 'what is followed');
  // Somebody rotates the log, and the run writes on into a new one.
  renameSync(join(rig.directory, 'logs/2/log.stdout'), join(rig.directory, 'logs/2/log.stdout.1'));
  writeFileSync(join(rig.directory, 'logs/2/log.stdout'), 'after the rotation\n');
  await waitUntil(() => shown.includes('after'), 'what came after');
  rig.write('go', '');
  await running;
  await following;
  expect(shown).toBe('[1] out i=1\n[2] out i=wait\n[2] after the rotation\n');
  // One run is copied byte for byte.
  expect((await rig.mlx('logs', '1')).stdout).toBe('out i=1\n');
});

describe('the same words and options select runs', () => {
  async function threeRuns(): Promise<Rig> {
    const rig = project();
    await rig.mlx('run', './main.sh', 'i=1,bad', '-q');
    await rig.mlx('run', './main.sh', 'i=3', '-q');
    return rig;
  }

  test('for list, wait and delete', async () => {
    const rig = await threeRuns();
    const { stdout: listed } = await rig.mlx('list', '--json', '--where', 'config.i == "bad"');
    expect(JSON.parse(listed)).toMatchObject([{ run: 2 }]);
    expect(await rig.mlx('wait', '@last')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect((await rig.mlx('wait', '2')).exitCode).toBe(1);
    expect((await rig.mlx('delete', '--status', 'failed', '-y')).stdout).toBe('deleted run 2\n');
  });

  test('for stop, hold and release, which say what they leave', async () => {
    const rig = await threeRuns();
    for (const command of ['stop', 'hold', 'release']) {
      const none = await rig.mlx(command);
      expect([none.exitCode, none.stderr], command).toEqual([0, 'no run matched\n']);
      const bad = await rig.mlx(command, '99');
      expect([bad.exitCode, bad.stderr], command).toEqual([2, expect.stringContaining("no run '99'")]);
    }
    expect((await rig.mlx('stop', '1')).stderr).toBe('1 run had ended already\n');
    expect((await rig.mlx('hold', '--launch', '@last')).stderr).toBe(
      'left as they are, since they are not waiting: run 3\n',
    );
  });

  test('for stop, which asks for words or --all if runs go on', async () => {
    const rig = await threeRuns();
    const running = rig.start(['run', './main.sh', 'i=wait', '-q']);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/4/log.stdout')), 'its start');
    const missing = await rig.mlx('stop');
    expect([missing.exitCode, missing.stderr]).toEqual([
      2,
      expect.stringContaining('which runs? mlx stop could be meant for 1 run'),
    ]);
    expect((await rig.mlx('stop', '--all')).stdout).toBe('told 1 run to end: 4\n');
    await running;
  });
});
