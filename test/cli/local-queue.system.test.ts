import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

const script = `import os, sys
print(sys.argv[1:], os.environ.get('MLX_TASK_ID'), os.environ.get('SGE_TASK_ID'))
if 'fails' in sys.argv and not os.path.exists('mended'):
    sys.exit(3)
`;
/** Tells when it starts and ends, and waits for a file `go` where it is told to. */
const teller = `#!/bin/bash
echo "start $MLX_LOG_ID $1 \${CUDA_VISIBLE_DEVICES-none}" >> order
[ "$1" != wait ] || while [ ! -e go ]; do sleep 0.05; done
[ "$2" != fail ] || exit 3
echo "end $MLX_LOG_ID" >> order
`;

interface Listed {
  readonly run: number;
  readonly status: string;
  readonly reason: string | null;
  readonly attempt: number;
}

function project(): Rig {
  const rig = makeRig();
  rig.write('myscript.py', script);
  rig.write('tell.sh', teller);
  return rig;
}

const listed = async (rig: Rig): Promise<readonly Listed[]> =>
  JSON.parse((await rig.mlx('list', '--json')).stdout || '[]') as Listed[];
const statuses = async (rig: Rig) =>
  (await listed(rig)).map(({ run, status, reason }) => `${run} ${status} ${reason ?? ''}`.trim());
const submit = async (rig: Rig, ...words: string[]) => {
  const { exitCode, stdout, stderr } = await rig.mlx('submit', '--local', ...words);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test("the local walk of jman's manual: collect, execute, report, resubmit, stop, delete", async () => {
  const rig = project();
  const first = await rig.mlx('--local', 'submit', 'myscript.py', '--help');
  expect([first.exitCode, first.stderr, first.stdout]).toEqual([
    0,
    '',
    expect.stringMatching(/^Submitted logs\/1 as local 1 \(0 seconds ago\) python[\d.]* myscript\.py --help\n$/),
  ]);
  expect((await rig.mlx('--local', 'submit', '-t', '2-6:2', 'myscript.py')).stdout).toMatch(/^Submitted logs\/2-4 as /);
  await rig.mlx('--local', 'submit', '--log-dir', 'logs', 'myscript.py', 'fails');
  await rig.mlx('--local', 'submit', '--dependencies', '1', '5', 'myscript.py', 'a b');
  await rig.mlx('--local', 'submit', '-x', '5', '--', 'myscript.py', '-x');
  await rig.mlx('--local', 'submit', '--after', '5', 'myscript.py');
  const waits: Record<number, string> = { 6: ', after 1,5', 7: ', after 5', 8: ', after 5' };
  expect(await statuses(rig)).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((id) => `${id} QUEUED until mlx execute runs it${waits[id] ?? ''}`),
  );
  expect((await rig.mlx('show', '8')).stdout).toMatch(/^after +5 to end well$/m);
  const { exitCode, stdout } = await rig.mlx('--local', 'execute', '--parallel', '4');
  expect(exitCode).toBe(1);
  // Output comes to the terminal, save where a directory of logs was named.
  const shown = stdout.split('\n').filter((line) => line.startsWith('['));
  expect(shown.sort()).toEqual([
    "[1] ['--help'] None None",
    '[2] [] 2 2',
    '[3] [] 4 4',
    '[4] [] 6 6',
    "[6] ['a b'] None None",
    "[7] ['-x'] None None",
  ]);
  expect((await statuses(rig)).slice(4)).toEqual([
    '5 FAILED exit code 3',
    '6 COMPLETE',
    '7 COMPLETE',
    '8 FAILED dependency 5 failed',
  ]);
  expect((await rig.mlx('why', '8')).stdout).toMatch(
    /^run 8\nstatus +FAILED: dependency 5 failed\nwaits for +run 5 FAILED: exit code 3\nnext\n {2}mlx why 5\n {2}mlx resubmit 5\n$/,
  );
  expect(rig.read('logs/5/log.stdout')).toBe("['fails'] None None\n");
  rig.write('mended', '');
  const again = await rig.mlx('--local', 'resubmit', '--clean', '--all');
  expect([again.exitCode, again.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^Re-submitted logs\/5 as local 5 .*\n {2}removed logs\/5\/log\.stdout\n {2}removed logs\/5\/log\.stderr\nRe-submitted logs\/8 as local 8 /,
    ),
  ]);
  expect((await rig.mlx('--local', 'run-scheduler', '-p', '4', '-x')).exitCode).toBe(0);
  expect((await statuses(rig)).every((line) => / COMPLETE$/.test(line))).toBe(true);
  expect(rig.read('logs/5/log.stdout')).toBe("['fails'] None None\n");
  expect((await rig.mlx('--local', 'delete', '--all', '--yes')).stdout).toBe('deleted 8 runs (1-8)\n');
  expect((await rig.mlx('--local', '--execute')).stderr).toBe('nothing waits in the local queue\n');
});

test('priority goes before submission; a chain one after the other; slots are shared', async () => {
  const rig = project();
  await submit(rig, 'tell.sh', 'third');
  await submit(rig, '--priority', '5', 'tell.sh', 'second');
  await submit(rig, '--priority', '7', '--cpus', '2', 'tell.sh', 'first');
  await submit(rig, '--priority=-1', '--repeat', '3', 'tell.sh', 'chain', 'fail');
  // One after the other; alone a run may have more slots than there are.
  expect((await rig.mlx('execute', '--parallel', '1', '-q')).exitCode).toBe(1);
  const lines = (word: string) =>
    (rig.read('order').match(new RegExp(`^${word} \\d+`, 'gm')) ?? []).map((line) => Number(line.split(' ')[1]));
  expect(lines('start')).toEqual([3, 2, 1, 4, 5, 6]);
  // Each of these takes both slots, so that no other one runs beside it.
  await submit(rig, '-t', '4', '--cpus', '2', 'tell.sh', 'both');
  expect((await rig.mlx('execute', '--parallel', '2', '-q')).exitCode).toBe(0);
  expect(
    rig
      .read('order')
      .trim()
      .split('\n')
      .slice(-8)
      .map((line) => line.split(' ')[0]),
  ).toEqual(Array(4).fill(['start', 'end']).flat());
});

test('each run has GPUs of its own, also across several that execute', async () => {
  const rig = project();
  await submit(rig, '--gpus', '1', '-t', '4', 'tell.sh', 'wait');
  await submit(rig, '--gpus', '3', 'tell.sh', 'never');
  // Names that no other test takes.
  const env = { CUDA_VISIBLE_DEVICES: `mlx-test-${process.pid}-a,mlx-test-${process.pid}-b` };
  const executes = [1, 2].map(() => rig.start(['execute', '-p', '4'], env));
  const started = () =>
    (existsSync(join(rig.directory, 'order')) ? rig.read('order').match(/^start.*$/gm) : null) ?? [];
  await waitUntil(() => started().length === 2, 'the first two');
  const gpus = () => started().map((line) => line.split(' ')[3]);
  expect(new Set(gpus()).size).toBe(2);
  rig.write('go', '');
  const ended = await Promise.all(executes);
  const busy = new Map<string, string>();
  for (const line of rig.read('order').trim().split('\n')) {
    const [what, id = '', , gpu = ''] = line.split(' ');
    if (what === 'start') {
      expect([line, [...busy.values()]]).toEqual([line, expect.not.arrayContaining([gpu])]);
      busy.set(id, gpu);
    } else busy.delete(id);
  }
  expect(
    ended.map(({ exitCode, stderr }) => [exitCode, /^left {5}5 {2}ask for more GPUs/m.test(String(stderr))]),
  ).toEqual(ended.map(() => [1, true]));
  expect(await statuses(rig)).toContain('5 QUEUED until mlx execute runs it');
});

test('mlx run hands out GPUs as well, of which there must be enough', async () => {
  const rig = project();
  const env = { CUDA_VISIBLE_DEVICES: `mlx-test-${process.pid}-c,mlx-test-${process.pid}-d` };
  const words = ['run', 'tell.sh', 'a=1,2,3,4', '--no-config', '--args', 'none', '-j', '4', '--notify', 'tee said'];
  const { exitCode, stderr } = await rig.start([...words, '--gpus-per-run', '1'], env);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('4 complete')]);
  expect(rig.read('said')).toMatch(/^4 complete, in /);
  const order = rig.read('order').trim().split('\n');
  // Two at once: the third starts only when one of the first two has ended.
  expect(order.slice(0, 2).every((line) => line.startsWith('start')) || order[1]?.startsWith('end')).toBe(true);
  expect(
    new Set(order.filter((line) => line.startsWith('start')).map((line) => line.split(' ').at(-1))).size,
  ).toBeLessThanOrEqual(2);
  const refused = await rig.start(['run', 'tell.sh', 'a=1', '--no-config', '--gpus-per-run', '3'], env);
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining('each run is to have 3 GPUs, and only'),
  ]);
  expect(rig.tree('logs')).not.toContain('5/');
});

test('new submissions are picked up; stop, hold and release work; Ctrl-C puts back what is under way', async () => {
  const rig = project();
  await submit(rig, 'tell.sh', 'wait');
  const executing = rig.start(['execute', '-p', '3', '--sleep', '1']);
  const isRunning = (id: number) => existsSync(join(rig.directory, `logs/${id}/metadata/attempts/1.yaml`));
  await waitUntil(() => isRunning(1), 'run 1');
  await submit(rig, 'tell.sh', 'wait');
  await waitUntil(() => isRunning(2), 'run 2, which came later');
  expect((await rig.mlx('stop', '2')).exitCode).toBe(0);
  await waitUntil(async () => (await statuses(rig)).includes('2 STOPPED stopped by mlx stop'), 'its end');
  executing.kill('SIGINT');
  expect((await executing).exitCode).toBe(130);
  expect(await statuses(rig)).toEqual(['1 QUEUED until mlx execute runs it', '2 STOPPED stopped by mlx stop']);
  await submit(rig, 'tell.sh', 'held');
  await submit(rig, '--after', '3', 'tell.sh', 'behind');
  await submit(rig, 'tell.sh', 'never');
  expect((await rig.mlx('hold', '3')).exitCode).toBe(0);
  expect((await rig.mlx('stop', '5')).exitCode).toBe(0);
  rig.write('go', '');
  const left = await rig.mlx('execute');
  expect([left.exitCode, left.stderr]).toEqual([
    1,
    expect.stringMatching(/left {5}3 {2}held[\s\S]*left {5}4 {2}wait for those/),
  ]);
  expect((await rig.mlx('release', '3')).exitCode).toBe(0);
  expect((await rig.mlx('execute')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual([
    '1 COMPLETE',
    '2 STOPPED stopped by mlx stop',
    '3 COMPLETE',
    '4 COMPLETE',
    '5 STOPPED stopped by mlx stop',
  ]);
  expect((await listed(rig)).map(({ attempt }) => attempt)).toEqual([2, 1, 1, 1, 0]);
});

test('a time limit, standard input, variables and a sweep in the local queue', async () => {
  const rig = project();
  rig.write('in.txt', 'what it reads\n');
  rig.write('read.sh', '#!/bin/bash\ncat; echo "$SAID"\n');
  await submit(rig, '--stdin', 'in.txt', '--env', 'SAID=it\'s "so"', 'read.sh');
  await submit(rig, '--time', '1', 'sleep', '60');
  const sweep = await rig.mlx('run', 'tell.sh', 'a=1,2', '--no-config', '--scheduler', 'local', '--after', '1');
  expect([sweep.exitCode, sweep.stdout]).toEqual([0, 'logs/3…4 (2 runs) → local 3-4\n']);
  expect((await rig.mlx('execute', '-q')).exitCode).toBe(1);
  expect(rig.read('logs/1/log.stdout')).toBe('what it reads\nit\'s "so"\n');
  expect(await statuses(rig)).toEqual(['1 COMPLETE', '2 TIMEOUT over its 00:00:01 limit', '3 COMPLETE', '4 COMPLETE']);
});

test.for([
  ['slurm', '--dependency=afterok:5'],
  ['slurm', '-d singleton'],
  ['sge', '-hold_jid 5'],
  ['oar', '-a 5'],
  ['pbs', '-W depend=afterok:5'],
  ['lsf', '-w "done(5)"'],
  ['mwm', '-l depend=5'],
])('%s: a job waits by --after or by %s, not by both', async ([engine = '', option = '']) => {
  const rig = project();
  await submit(rig, 'tell.sh');
  const words = ['--scheduler', engine, '--option', option, '--dry-run'];
  expect((await rig.mlx('submit', ...words, 'tell.sh')).exitCode).toBe(0);
  const both = await rig.mlx('submit', ...words, '--after', '1', 'tell.sh');
  expect([both.exitCode, both.stderr]).toEqual([
    2,
    `mlx: '${option}' and --after ask for the same thing\n  keep one of them\n`,
  ]);
});

test('bad input is answered once, with exit code 2, and nothing is written', async () => {
  const rig = project();
  await submit(rig, 'tell.sh', 'wait');
  const executing = rig.start(['execute']);
  await waitUntil(() => rig.read('logs/1/metadata/info.yaml').includes('status: RUNNING'), 'run 1');
  const before = rig.tree('logs');
  const answers: [string[], string][] = [
    [['submit', '--local'], 'PROGRAM is missing'],
    [['submit', '--local', '-t', '0', 'tell.sh'], "'0' names no tasks: tasks are counted from 1"],
    [['submit', '--local', '-t', '5-1', 'tell.sh'], "'5-1' names no tasks: '5-1' ends before it begins"],
    [['submit', '--local', '-t', '1,x', 'tell.sh'], "'x' is neither a number nor a range"],
    [['submit', '--local', '-t', '3%1', 'tell.sh'], 'for jobs'],
    [['submit', '--local', '--after', '99', 'tell.sh'], "there is no run '99' in 'logs'"],
    [['submit', '--local', '--after', '2', 'tell.sh'], "there is no run '2' in 'logs'"],
    [['submit', '--local', '--after', 'nobody', 'tell.sh'], 'nobody'],
    [['submit', '--local', '--queue', 'night', 'tell.sh'], "'--queue'"],
    [['submit', '--local', '--env', '1=2', 'tell.sh'], 'NAME=VALUE'],
    [['submit', '--local', '--stdin', 'none', 'tell.sh'], 'a file that can be read'],
    [['submit', '--local', 'tel.sh'], "did you mean 'tell.sh'?"],
    [['submit', '--local', '--repeat', '2', '-t', '3', 'tell.sh'], '--repeat'],
    [['submit', '--scheduler', 'here', 'tell.sh'], 'for an engine or the local queue'],
    [['execute', '--parallel', '0'], "'--parallel'"],
    [['resubmit', '1'], 'run 1 is still running'],
    [['resubmit', '7'], "there is no run '7' in 'logs'"],
    [['delete', '1'], '--yes'],
  ];
  for (const [words, text] of answers) {
    const { exitCode, stderr, stdout } = await rig.mlx(...words);
    expect([words, exitCode, stdout, stderr]).toEqual([words, 2, '', expect.stringContaining(text)]);
  }
  expect(rig.tree('logs')).toEqual(before);
  rig.write('go', '');
  await executing;
  await rig.mlx('delete', '1', '-y');
  const deleted = await rig.mlx('submit', '--local', '--after', '1', 'tell.sh');
  expect([deleted.exitCode, deleted.stderr]).toEqual([2, expect.stringContaining('run 1 was deleted')]);
});

test('a job of an engine can wait for no run of the queue, which is said', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', 'i=1', '--scheduler', 'local', '-q');
  const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'i=2', '--after', '1', '--scheduler', 'slurm', '-q');
  expect([exitCode, stderr]).toEqual([
    2,
    "mlx: run 1 is of this machine and jobs of Slurm can't wait for it\n  mlx wait 1 && mlx run … waits for any run\n",
  ]);
});
