import { expect, test } from 'vitest';
import { makeRig } from '../rig/rig.js';

test('a list of statuses, launches and numbers selects all of them', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n[ "$1" != a=2 ]\n');
  await rig.mlx('run', 'main.sh', 'a=1,2', '--quiet');
  await rig.mlx('submit', '--local', './main.sh');
  const idsOf = async (...words: string[]) =>
    JSON.parse((await rig.mlx('list', '--json', ...words)).stdout).map(({ run }: { run: number }) => run);
  expect(await idsOf('failed,queued')).toEqual([2, 3]);
  expect(await idsOf('running,complete')).toEqual([1]);
  expect(await idsOf('1,queued')).toEqual([1, 3]);
  expect(await idsOf('@last,FAILED')).toEqual([2, 3]);
  const wrong = await rig.mlx('list', 'failed,queud');
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'queued'?")]);
});

test.for([
  [['run', 'main.sh', 'a=1', '--scheduler', 'kubernetes'], 'kubernetes'],
  [['run', '--scheduler', 'kubernetes', 'main.sh', 'a=1'], 'kubernetes'],
  [['run', 'main.sh', '--scheduler', 'slrum', 'a=1'], 'slrum'],
  [['sub', 'main.sh', '--scheduler', 'kubernetes'], 'kubernetes'],
  [['sub', '--scheduler', 'kubernetes', 'main.sh'], 'kubernetes'],
  [['submit', '--scheduler', 'kubernetes', './main.sh'], 'kubernetes'],
  [['queues', '--scheduler', 'kubernetes'], 'kubernetes'],
  [['run', 'main.sh', '--scheduler=kubernetes'], 'kubernetes'],
] as const)('mlx %s names the unknown engine', async ([words, name]) => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  const { exitCode, stderr } = await rig.mlx(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(new RegExp(`^mlx: .*engine.*'${name}'`))]);
  expect(rig.tree()).toEqual(['main.sh']);
});

test("jman's --log-dir is known by its name here", async () => {
  const rig = makeRig();
  for (const words of [
    ['--local', '--log-dir', 'logs2', 'execute'],
    ['execute', '--log-dir', 'logs2'],
    ['--local', '--log-dir=logs2', 'list'],
  ]) {
    const { exitCode, stderr } = await rig.mlx(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("'--log-dir', did you mean '--store'?")]);
  }
});

test.for([
  ['3', '6 core-seconds'],
  ['2m', '4.0 core-minutes'],
  ['90', '3.0 core-minutes'],
  ['3h', '6.0 core-hours'],
])('a limit of %s is told as at most %s', async ([time, expected]) => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  const { stdout } = await rig.mlx('run', 'main.sh', 'a=1,2', '--scheduler', 'slurm', '--time', time ?? '', '-n');
  expect(stdout).toMatch(new RegExp(`at most +${expected}`));
});
