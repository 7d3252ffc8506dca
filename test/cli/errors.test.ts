import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

const seeds = `import sys
seed = int(sys.argv[1].split('=')[1])
def train():
    if seed % 3 == 0:
        raise ValueError(f'bad seed {seed}')
    if seed == 50:
        sys.exit('no data')
train()
`;

const failing = `if (process.argv[2] === 'a=1') throw new TypeError('one');
if (process.argv[2] === 'a=2') null.x;
if (process.argv[2] === 'a=3') await import('no-such-package');
setTimeout(() => Promise.reject('bad seed 4'));
`;

describe('44 failures of two kinds', () => {
  let rig: Rig;
  let launched: { readonly stdout: string; readonly stderr: string };
  beforeAll(async () => {
    rig = makeRig({}, afterAll);
    rig.write('train.py', seeds);
    launched = await rig.mlx('run', 'train.py', 'seed=range(1,131)', '-j4');
  }, 120_000);

  test('are told once each at the end of the launch, and the first of a kind at once', () => {
    expect(launched.stdout).toMatch(/^43 failed: ValueError: bad seed \d+ {2}\(runs( \d+,){5} …\)$/m);
    expect(launched.stdout).toMatch(/^1 failed: no data {2}\(run 50\)$/m);
    expect(launched.stderr.match(/│ Traceback/g)).toHaveLength(1);
    expect(launched.stderr).toMatch(
      / {2}│ {5}raise ValueError\(f'bad seed \{seed\}'\)\n {2}│ ValueError: bad seed \d+\n/,
    );
    const later = launched.stderr.match(
      /^failed {3}\d+ {2}seed=\d+ {2}[\d.]+s {2}ValueError: bad seed \d+ {2}like run \d+, \d+ so far$/gm,
    );
    expect(later).toHaveLength(42);
  });

  test('are two groups in `mlx list`, read from the runs and from the index', async () => {
    for (const _ of ['runs', 'index']) {
      const { stdout } = await rig.mlx('list');
      expect(stdout).toMatch(/^ +43 {2}failed: ValueError: bad seed 3 {2}run 3, 6, 9, 12, 15, …$/m);
      expect(stdout).toMatch(/^ +1 {2}failed: no data {2}run 50$/m);
    }
  });

  test('are two groups in `mlx report --errors-only`', async () => {
    const { stdout } = await rig.mlx('report', '--errors-only');
    expect(stdout.match(/^run \d+/gm)).toEqual(['run 3', 'run 50']);
    expect(stdout).toContain('  error      ValueError: bad seed 3  (train.py:5)\n');
    expect(stdout).toContain('  42 other runs ended alike: 6, 9, ');
  });

  test('stand in the column `reason` of a listing, beside the exit code', async () => {
    const { stdout } = await rig.mlx('list', '3-4');
    expect(stdout).toMatch(/^run {2}status +started +time {2}seed {2}exit_code {2}reason$/m);
    expect(stdout).toMatch(/^ *3 {2}failed .* 3 +1 {2}ValueError: bad seed 3$/m);
    // What programs read stays as it was, and has the error by itself.
    expect((await rig.mlx('list', '3', '--csv', '--columns', 'run,reason,error,error_place')).stdout).toBe(
      'run,reason,error,error_place\r\n3,exit code 1,ValueError: bad seed 3,train.py:5\r\n',
    );
    const [json] = JSON.parse((await rig.mlx('list', '3', '--json')).stdout);
    expect(json).toMatchObject({
      reason: 'exit code 1',
      error: 'ValueError: bad seed 3',
      error_place: 'train.py:5',
      exit_code: 1,
    });
  });
});

describe('errors of Node programs', () => {
  async function project(): Promise<Rig> {
    const rig = makeRig();
    rig.write('n.mjs', failing);
    await rig.mlx('run', 'a=1,2,3,4', '-q', '--', 'node', 'n.mjs', 'a={a}');
    return rig;
  }

  test('are each their own', async () => {
    const rig = await project();
    const { stdout } = await rig.mlx('list', '--csv', '--columns', 'run,error,error_place');
    expect(stdout.replaceAll(rig.directory, 'DIR').replaceAll('"', '').split('\r\n').slice(1, 5)).toEqual([
      '1,TypeError: one,n.mjs:1',
      "2,TypeError: Cannot read properties of null (reading 'x'),n.mjs:2",
      "3,Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-package' imported from DIR/n.mjs,n.mjs",
      '4,UnhandledPromiseRejection: bad seed 4,',
    ]);
    expect((await rig.mlx('report', '--errors-only')).stdout).not.toContain('ended alike');
  });

  test('`mlx why` and `mlx show` begin with them', async () => {
    const rig = await project();
    const why = (await rig.mlx('why', '3')).stdout.replaceAll(rig.directory, 'DIR');
    expect(why).toMatch(
      /^run 3\nerror +Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'no-such-package' imported from DIR\/n\.mjs {2}\(n\.mjs\)\n/,
    );
    expect(why).not.toContain('ModuleLoader');
    expect(JSON.parse((await rig.mlx('why', '2', '--json')).stdout)).toMatchObject({
      error: "TypeError: Cannot read properties of null (reading 'x')",
      error_place: 'n.mjs:2',
    });
    expect((await rig.mlx('show', '2')).stdout).toMatch(
      /^error +TypeError: Cannot read properties of null \(reading 'x'\) {2}\(n\.mjs:2\)$/m,
    );
  });

  test('come with the events of a launch', async () => {
    const rig = makeRig();
    rig.write('n.mjs', failing);
    const { stdout } = await rig.mlx('run', 'a=1', '--json', '--', 'node', 'n.mjs', 'a={a}');
    const ended = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === 'ended');
    expect(ended).toMatchObject({ reason: 'exit code 1', error: 'TypeError: one', error_place: 'n.mjs:1' });
  });
});

test('the error of the last attempt counts, and a program that logs to stdout has one too', async () => {
  const rig = makeRig();
  rig.write(
    'train.py',
    "import os, sys\nif os.environ['MLX_ATTEMPT'] == '1':\n    raise ValueError('first')\nsys.stderr = sys.stdout\nraise KeyError('lr')\n",
  );
  await rig.mlx('run', 'train.py', '-q');
  const error = async () => JSON.parse((await rig.mlx('list', '1', '--json')).stdout)[0].error;
  expect(await error()).toBe('ValueError: first');
  await rig.mlx('rerun', '1', '--in-place', '-q');
  expect(await error()).toBe("KeyError: 'lr'");
});

test('a reason that says more than the error stays', async () => {
  const rig = makeRig();
  rig.write(
    'main.sh',
    '#!/bin/bash\necho "ValueError: caught" >&2\n[ "$1" != i=1 ] || kill -9 $$\n[ "$1" != i=2 ] || sleep 100\n',
  );
  const { stdout } = await rig.mlx('run', 'main.sh', 'i=1,2', '--walltime', '1', '-j2');
  expect(stdout).toMatch(/i=1 {4}failed .* killed by SIGKILL \(out of memory\?\)$/m);
  expect(stdout).toMatch(/i=2 {4}timeout .* over its 00:00:01 limit/m);
  expect(stdout).not.toContain('ValueError');
});
