import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRig, type Rig, type WhenFinished } from '../rig/rig.js';
import { startUi } from '../ui/rig.js';

// One language: each form of name means the same wherever a name or an expression is read. Runs 1 to 8 are small and large models at
// four learning rates; only the even ones have a second metric.
let rig: Rig;
const finished: (() => Promise<void>)[] = [];
const whenFinished: WhenFinished = (then) => finished.push(then);

const program = `
import mlxrun
run = mlxrun.start()
lr, width = run.config.optimizer.lr, run.config.model.width
for epoch in range(3):
    run.log_metrics({"loss": (3 - epoch) * lr * width, "val/loss": 10 * lr, "epoch": epoch})
if width > 10:
    run.log_metrics({"loss": lr}, log_name="test")
    run.log_artifact({"lr": lr}, "sub/result.json", "json")
`;

beforeAll(async () => {
  rig = makeRig({}, whenFinished);
  rig.write('train.py', program);
  rig.write('configs/config.yaml', 'defaults:\n- model: small\noptimizer: { lr: 1 }\n');
  rig.write('configs/model/small.yaml', 'name: s\nwidth: 10\n');
  rig.write('configs/model/large.yaml', 'name: l\nwidth: 20\n');
  const { exitCode, stderr } = await rig.mlx(
    'run',
    'train.py',
    'optimizer.lr=1,0.1,1e-2,1e-3',
    'model=small,large',
    '-q',
  );
  expect([exitCode, stderr]).toEqual([0, '']);
}, 60_000);

afterAll(async () => {
  for (const then of finished) await then();
}, 60_000);

const forms: readonly [expression: string, runs: number[]][] = [
  ['train.loss > 5', [1, 2]],
  ['train.loss@min > 5', [1, 2]],
  ['train.loss@epoch=0 >= 30', [1, 2]],
  ['test.loss < 0.05', [6, 8]],
  ['`train.val/loss` == 1', [3, 4]],
  ['optimizer.lr == 0.1', [3, 4]],
  ['config.optimizer.lr in [0.1, 1]', [1, 2, 3, 4]],
  ["model == 'large'", [2, 4, 6, 8]],
  ["override.model == 'large'", [2, 4, 6, 8]],
  ["override.optimizer.lr == '1e-2'", [5, 6]],
  ["model.name == 's' & run < 4", [1, 3]],
  ["status == 'COMPLETE' & run in [2, 7]", [2, 7]],
  ["info.status == 'FAILED'", []],
  ["attempt == 1 & launch != '' & run > 7", [8]],
  ["engine == 'here' and exit_code == 0 and ~(run > 1)", [1]],
  ['artifact.json.sub/result.json & 1', []],
  ['`artifact.json.sub/result.json`', [2, 4, 6, 8]],
];

const ids = (text: string) => JSON.parse(text).map(({ run }: { run: number }) => run);

describe('an expression of each form selects the same runs', () => {
  test.for(forms.filter(([expression]) => !expression.includes('& 1')))('%s', async ([expression, runs]) => {
    const list = await rig.mlx('list', '--where', expression, '--json');
    expect([list.stderr, ids(list.stdout)]).toEqual(['', runs]);
    const query = await rig.mlx('query', expression, '--select', 'run', '--json');
    expect(ids(query.stdout)).toEqual(runs);
    const where = await rig.mlx('query', '--where', expression, '--select', 'run', '--csv');
    expect(where.stdout).toBe(['run', ...runs, ''].join('\r\n'));
    const report = await rig.mlx('report', '--where', expression, '--json');
    expect(ids(report.stdout)).toEqual(runs);
    if (runs.length === 0) return;
    const plot = await rig.mlx('plot', 'train.loss', '--where', expression);
    expect([plot.exitCode, plot.stderr]).toEqual([0, '']);
    const best = JSON.parse((await rig.mlx('best', 'train.loss', '--max', '--where', expression, '--json')).stdout);
    // Learning rates fall with the runs, and even runs are twice as wide.
    const score = (id: number) => 10 ** -Math.ceil(id / 2) * (id % 2 === 0 ? 2 : 1);
    expect(best[0].best).toBe(runs.toSorted((a, b) => score(b) - score(a))[0]);
  });

  test('in mlx export, wait, stop, hold, release, resubmit and delete', async () => {
    const where = ['--where', "model == 'large' & train.loss@min > 1"];
    await rig.mlx('export', 'wandb', 'wb', ...where);
    expect(rig.tree('wb')).toEqual(['run-2.json', 'run-4.json']);
    expect((await rig.mlx('wait', ...where)).exitCode).toBe(0);
    for (const command of ['stop', 'hold', 'release']) {
      const { stderr, stdout } = await rig.mlx(command, ...where, '--json');
      expect(`${command} ${stderr}`).not.toContain('no run has');
      expect(`${command} ${stdout}`).toMatch(/\b2\b.*\b4\b|"stopped":\[\]/s);
    }
    const copy = async (...args: string[]) => rig.mlx(...args, '--store', 'copy');
    expect((await copy('run', 'train.py', 'optimizer.lr=1,0.1', 'model=small,large', '-q')).exitCode).toBe(0);
    expect((await copy('resubmit', ...where)).exitCode).toBe(0);
    const attempts = JSON.parse((await copy('list', '--json')).stdout);
    expect(attempts.map(({ attempt }: { attempt: number }) => attempt)).toEqual([1, 2, 1, 2]);
    expect((await copy('delete', '-y', ...where)).exitCode).toBe(0);
    expect([1, 2, 3, 4].map((id) => existsSync(join(rig.directory, 'copy', String(id))))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

const columns: readonly [name: string, ofRun2: unknown][] = [
  ['train.loss', 20],
  ['train.loss@max', 60],
  ['train.loss@epoch=1', 40],
  ['train.val/loss', 10],
  ['test.loss', 1],
  ['optimizer.lr', 1],
  ['config.optimizer.lr', 1],
  ['model', 'large'],
  ['override.model', 'large'],
  ['model.name', 'l'],
  ['status', 'COMPLETE'],
  ['attempt', 1],
  ['engine', 'here'],
  ['point', 'optimizer.lr=1 model=large'],
  ['info.exit_code', 0],
  ['artifact.json.sub/result.json', 'artifacts/json/sub/result.json'],
];

test.for(columns)('the column %s is the same in list, query, sorting, groups and completion', async ([name, value]) => {
  const [list] = JSON.parse((await rig.mlx('list', '2', '--columns', `run,${name}`, '--sort', name, '--json')).stdout);
  expect(list).toEqual({ run: 2, [name]: value });
  const [query] = JSON.parse(
    (await rig.mlx('query', 'run == 2', '--select', `run,${name}`, '--sort', name, '--json')).stdout,
  );
  expect(query).toEqual({ run: 2, [name]: value });
  const groups = JSON.parse((await rig.mlx('query', '--group-by', name, '--agg', 'count:train.loss', '--json')).stdout);
  expect(groups).toContainEqual(expect.objectContaining({ [name]: value, runs: expect.arrayContaining([2]) }));
  const best = await rig.mlx('best', 'train.loss', '--min', '--group-by', name, '--json');
  expect(JSON.parse(best.stdout)).toContainEqual(expect.objectContaining({ group: { [name]: value } }));
  expect((await rig.mlx('plot', 'train.loss', '--group-by', name)).exitCode).toBe(0);
});

test.for([
  ['loss < 1', "no run has 'loss', did you mean 'train.loss', 'test.loss' or '`train.val/loss`'?"],
  ['lr < 1', "did you mean 'optimizer.lr'?"],
  ['modle == 1', "did you mean 'model'?"],
  ['train.val < 1', "did you mean '`train.val/loss`'?"],
  ['status == COMPLETE', "a text stands in quotes: status == 'COMPLETE'"],
  ['COMPLETE', "a text stands in quotes: status == 'COMPLETE'"],
  ['model == large', "a text stands in quotes: model == 'large'"],
  ["status == 'complete'", "no status is 'complete', did you mean 'COMPLETE'?"],
  ["status != 'completed'", "no status is 'completed', did you mean 'COMPLETE'?"],
  ['optimizer.lr = 1', "expected '==' to compare"],
  ['optimizer.lr == 1 AND run == 1', "expected 'and' in lower case, or '&'"],
  ['optimizer.lr == 1, run == 1', 'conditions are joined by & (and) or | (or)'],
  ['train.loss@mni < 1', "did you mean '@min'?"],
  ['train.loss@min=3', 'to compare, write train.loss@min == 3'],
  ['train.loss@foo=3', "no run has logged 'foo' beside 'train.loss'"],
] as const)('%s is answered with what to write, by every command', async ([expression, words]) => {
  for (const command of [
    ['list'],
    ['query'],
    ['delete', '-y'],
    ['plot', 'train.loss'],
    ['export', 'wandb', 'no'],
  ] as const) {
    const { exitCode, stderr, stdout } = await rig.mlx(...command, '--where', expression);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/\^/);
  }
});

test('a query is sorted by columns that it does not show, and groups by their own', async () => {
  const csv = async (...words: string[]) =>
    (await rig.mlx('query', '--csv', ...words)).stdout.split('\r\n').slice(1, 3);
  expect(await csv('--select', 'run', '--sort', 'train.loss@max', '--reverse')).toEqual(['2', '1']);
  expect(await csv('--select', 'run', '--sort', 'optimizer.lr')).toEqual(['7', '8']);
  expect(await csv('--group-by', 'model', '--agg', 'mean:train.loss', '--sort', 'mean:train.loss')).toEqual([
    expect.stringMatching(/^small,/),
    expect.stringMatching(/^large,/),
  ]);
  const wrong = await rig.mlx('query', '--group-by', 'model', '--agg', 'mean:train.loss', '--sort', 'train.loss');
  expect(wrong).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining("did you mean 'mean:train.loss'?"),
  });
});

test('Tab offers the same names, where a name or an expression is expected', async () => {
  const words = async (line: string) => (await rig.mlx('completion', 'words', '--', 'zsh', line)).stdout.split('\n');
  expect(await words('mlx plot te')).toEqual(['test.loss', '']);
  expect(await words('mlx best train.l')).toEqual(['train.loss', '']);
  expect(await words('mlx query opt')).toEqual(['optimizer.lr', '']);
  expect(await words('mlx list --columns run,train.lo')).toEqual(['run,train.loss', '']);
  expect(await words('mlx list --sort mod')).toEqual(['model.name', 'model.width', 'model', '']);
  expect(await words('mlx query --agg mean:test.')).toEqual(['mean:test.loss', '']);
  expect(await words("mlx delete --where 'run < 3 & eng")).toEqual(['run < 3 & engine', '']);
});

test('the filter of mlx ui has the same names, and the same errors', async () => {
  const url = await startUi(rig);
  const match = async (where: string) => (await fetch(`${url}api/match?where=${encodeURIComponent(where)}`)).json();
  for (const [expression, runs] of forms.slice(0, 6)) expect(await match(expression)).toEqual({ ids: runs });
  expect((await match('loss < 1')).problem).toContain("did you mean 'train.loss', 'test.loss' or '`train.val/loss`'?");
});

test('a name that only runs have which were not asked for is no mistake', async () => {
  expect(await rig.mlx('list', '1', '--where', 'test.loss < 1', '--json')).toMatchObject({
    exitCode: 0,
    stdout: '[]\n',
  });
  expect((await rig.mlx('list', '1', '--columns', 'run,test.loss', '--csv')).stdout).toBe('run,test.loss\r\n1,\r\n');
});

test('of a name with two meanings the first is taken, and it is said so', async () => {
  const twice = makeRig();
  twice.write('a.py', 'import mlxrun\nmlxrun.start().log_metrics({"loss": 2})\n');
  expect((await twice.mlx('run', 'a.py', '--no-config', 'train.loss=1', 'name=x', '-q')).exitCode).toBe(0);
  const { stdout, stderr } = await twice.mlx(
    'query',
    'train.loss == 2',
    '--select',
    'run,train.loss,config.train.loss',
    '--csv',
  );
  expect(stdout).toBe('run,train.loss,config.train.loss\r\n1,2,1\r\n');
  expect(stderr).toBe(
    'note: train.loss has two meanings: the metric is taken; the other is config.train.loss\n'.repeat(2),
  );
});
