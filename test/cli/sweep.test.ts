import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

/** The overrides of the runs that a launch would make, one line each. */
async function planned(rig: Rig, ...words: string[]): Promise<string[]> {
  const { stdout, stderr, exitCode } = await rig.mlx('run', ...words, '--dry-run', '--json', '--', 'true');
  if (exitCode !== 0) throw new Error(stderr);
  const { points } = JSON.parse(stdout) as { points: { point: number; overrides: string[] }[] };
  return points.map(({ point, overrides }) => `${point}: ${overrides.join(' ')}`);
}

async function refused(rig: Rig, ...words: string[]): Promise<string> {
  const { stderr, exitCode } = await rig.mlx('run', ...words, '--', 'true');
  expect(exitCode, stderr).toBe(2);
  expect(rig.tree().filter((name) => name.startsWith('logs'))).toEqual([]);
  return stderr;
}

const overridesIn = (rig: Rig, id: number) =>
  /overrides:\n(.*?)\.\.\./s.exec(rig.read(`logs/${id}/metadata/overrides.yaml`))?.[1] ?? '';

describe('sweeps of the command line', () => {
  test('functions, and values in the spelling of their user', async () => {
    const rig = makeRig();
    expect(await planned(rig, 'lr=choice(1e-3,10.)', 'n=range(0,1,0.5)', 's=sort(b,a)')).toEqual([
      '0: lr=1e-3 n=0.0 s=a',
      '1: lr=1e-3 n=0.0 s=b',
      '2: lr=1e-3 n=0.5 s=a',
      '3: lr=1e-3 n=0.5 s=b',
      '4: lr=10. n=0.0 s=a',
      '5: lr=10. n=0.0 s=b',
      '6: lr=10. n=0.5 s=a',
      '7: lr=10. n=0.5 s=b',
    ]);
    const { stdout } = await rig.mlx(
      ...['run', 'lr=choice(1e-3,10.)', 'ok=true', "v='1'", '--args', 'canonical', '--dry-run', '--json', '--', 'true'],
    );
    expect(JSON.parse(stdout).points[1].command).toBe("true lr=10.0 ok=True 'v='\\''1'\\'''");
  });

  test('a glob is the options of a config group, and stays what it was at launch', async () => {
    const rig = makeRig();
    for (const name of ['sgd', 'adam', 'adamw']) rig.write(`conf/optimizer/${name}.yaml`, 'lr: 1\n');
    const words = ['optimizer=glob(a*,exclude=*w)', 'seed=1,2', '--config-path', 'conf', '--no-config'];
    expect(await planned(rig, ...words)).toEqual(['0: optimizer=adam seed=1', '1: optimizer=adam seed=2']);
    expect((await rig.mlx('run', ...words, '-q', '--', 'true')).exitCode).toBe(0);
    const [launch] = rig.tree('logs/.mlx/launches');
    expect(rig.read(`logs/.mlx/launches/${launch}launch.yaml`)).toContain('optimizer=choice(adam)');
    expect(await refused(makeRig(), 'model=glob(*)')).toContain("there is no config group 'model'");
  });

  test('--zip, --where, --repeat, --first, --point and --count', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'model: {depth: 1, width: 1}\nlimit: 4096\nseed: 0\nname: x\n');
    const model = ['model.depth=2,4', 'model.width=512,1024'];
    expect(await planned(rig, ...model, '--zip', 'model.depth,model.width')).toEqual([
      '0: model.depth=2 model.width=512',
      '1: model.depth=4 model.width=1024',
    ]);
    const where = ['--where', 'model.depth * model.width < limit', '--where', 'not name == "y"'];
    const kept = [
      '0: model.depth=2 model.width=512',
      '1: model.depth=2 model.width=1024',
      '2: model.depth=4 model.width=512',
    ];
    expect(await planned(rig, ...model, ...where)).toEqual(kept);
    expect(await planned(rig, ...model, ...where, '--point', '2')).toEqual([kept[2]]);
    expect(await planned(rig, ...model, ...where, '--first')).toEqual([kept[0]]);
    expect((await rig.mlx('run', ...model, ...where, '--repeat', '10', '--count', '--', 'true')).stdout).toBe('30\n');
    const huge = ['seed=range(1000000000)', 'model.depth=range(1000000000)', '--count'];
    expect((await rig.mlx('run', ...huge, '--', 'true')).stdout).toBe('1000000000000000000\n');
    expect((await rig.mlx('run', ...huge, '--sample', '7', '--json', '--', 'true')).stdout).toBe('{"points":7}\n');
  });

  test('a repeated point finds in MLX_REPEAT which time it is', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "$1 $MLX_REPEAT"\n');
    expect((await rig.mlx('run', 'main.sh', 'a=1,2', '--repeat', '2', '-q')).exitCode).toBe(0);
    expect([1, 2, 3, 4].map((id) => rig.read(`logs/${id}/log.stdout`))).toEqual([
      'a=1 0\n',
      'a=1 1\n',
      'a=2 0\n',
      'a=2 1\n',
    ]);
  });

  test('a sample is the same each time, and a sample of all is all', async () => {
    const rig = makeRig();
    const words = ['lr=tag(log,interval(1e-5,1e-1))', 'seed=range(100)', '--sample', '3'];
    const drawn = await planned(rig, ...words);
    expect(drawn).toHaveLength(3);
    expect(await planned(rig, ...words)).toEqual(drawn);
    expect(await planned(rig, ...words, '--sample-seed', '1')).not.toEqual(drawn);
    // A list is shuffled as it is read, whatever the seed: a launch is read back with its own.
    const list = await planned(rig, 'x=shuffle([1,2,3,4,5])');
    expect(await planned(rig, 'x=shuffle([1,2,3,4,5])', '--sample-seed', '1')).toEqual(list);
    expect((await planned(rig, 'a=1,2,3', '--sample', '9')).map((line) => line.slice(3)).sort()).toEqual([
      'a=1',
      'a=2',
      'a=3',
    ]);
  });
});

describe('sweeps in files', () => {
  test('a sweep file goes before the command line, which goes over it', async () => {
    const rig = makeRig();
    rig.write(
      'sweeps/lr.yaml',
      'params:\n  lr: 1e-3, 10.\n  seed: range(1,3)\n  fixed: 1e-2\n  text: yes\n  list: [1e-3, a b]\n  none: null\nwhere: lr < 1\n',
    );
    expect(await planned(rig, '--sweep', 'sweeps/lr.yaml', 'seed=7', 'x=1')).toEqual([
      '0: lr=1e-3 seed=7 fixed=1e-2 text=True list=[0.001,a\\ b] none=null x=1',
    ]);
    rig.write('sweeps/hydra.yaml', 'hydra:\n  sweeper:\n    params:\n      db: a,b\nzip: db, c\nrepeat: 2\n');
    expect(await planned(rig, '--sweep', 'sweeps/hydra.yaml', 'c=1,2')).toEqual([
      '0: db=a c=1',
      '1: db=a c=1',
      '2: db=b c=2',
      '3: db=b c=2',
    ]);
  });

  test('points of CSV, JSON lines and YAML, crossed with overrides', async () => {
    const rig = makeRig();
    rig.write('points.csv', 'lr,name,+shape\r\n1e-3,"a,b","[1, 2]"\r\n10.,,{x: 1}\r\n');
    expect(await planned(rig, '--points', 'points.csv', 'seed=1,2')).toEqual([
      '0: lr=1e-3 name=a\\,b +shape=[1, 2] seed=1',
      '1: lr=1e-3 name=a\\,b +shape=[1, 2] seed=2',
      '2: lr=10. +shape={x: 1} seed=1',
      '3: lr=10. +shape={x: 1} seed=2',
    ]);
    rig.write('points.jsonl', '{"lr": 1e-3, "name": "1"}\n\n{"lr": 12345678901234567890, "name": null}\n');
    const lines = ["0: lr=1e-3 name='1'", '1: lr=12345678901234567890 name=null'];
    expect(await planned(rig, '--points', 'points.jsonl')).toEqual(lines);
    rig.write('sweeps/points.yaml', '- {lr: 1e-3, name: "1"}\n- lr: 12345678901234567890\n  name: ~\n');
    rig.write('sweeps/all.yaml', 'points: points.yaml\n');
    expect(await planned(rig, '--sweep', 'sweeps/all.yaml')).toEqual(lines);
  });
});

describe('a launch of a sweep', () => {
  test('is finished with the same points, whatever made them', async () => {
    const rig = makeRig();
    rig.write('points.csv', 'a\n1\n2\n3\n');
    rig.write('main.sh', '#!/bin/bash\n[ -e go ] || { touch go; kill -9 "$MLX_TEST_PID"; sleep 1; }\n');
    const words = [
      'x=interval(0,1)',
      '--points',
      'points.csv',
      '--where',
      'a != 2',
      '--sample',
      '6',
      '--sample-seed',
      '3',
    ];
    const expected = await planned(rig, ...words);
    const child = rig.start(['run', 'main.sh', ...words, '-q', '-j', '1', '--export', 'MLX_TEST_PID'].slice(0, -2));
    rig.write('main.sh', `#!/bin/bash\n[ -e go ] || { touch go; kill -9 ${child.pid}; sleep 1; }\n`);
    await child;
    rig.write('points.csv', 'a\n9\n');
    const { exitCode, stderr } = await rig.mlx('resume');
    expect(exitCode, stderr).toBe(0);
    const made = [1, 2, 3, 4, 5, 6].map((id) =>
      overridesIn(rig, id)
        .replace(/- "(.*)"\n/g, ' $1')
        .trim(),
    );
    expect(made.sort()).toEqual(expected.map((line) => line.replace(/^\d+: /, '')).sort());
  });

  test('--skip-existing knows a run whose program wrote its config again, as MLXP does', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 1\nmodel: { depth: 2 }\n');
    rig.write('main.sh', '#!/bin/bash\nprintf "lr: $1\\nmodel:\\n    depth: 2\\n" | sed s/lr=// > "$MLX_CONFIG"\n');
    expect((await rig.mlx('run', 'main.sh', 'lr=1,2', '-q')).exitCode).toBe(0);
    expect((await rig.mlx('run', 'main.sh', 'lr=1,2,3', '--skip-existing', '--count')).stdout).toBe('1\n');
  });

  test('--skip-existing leaves out what was completed by the same command and config', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n[ "$1" != a=2 ]\n');
    const again = (...words: string[]) => rig.mlx('run', 'main.sh', ...words, '--skip-existing', '-q');
    expect((await again('a=1,2,3', 'b=1e-1')).exitCode).toBe(1);
    // The same values in another spelling; what failed, and what is new, is run.
    const { stdout } = await rig.mlx(
      ...['run', 'main.sh', 'a=1,2,3,4', 'b=0.1', '--skip-existing', '--dry-run', '--json'],
    );
    expect(JSON.parse(stdout).points.map(({ overrides }: { overrides: string[] }) => overrides[0])).toEqual([
      'a=2',
      'a=4',
    ]);
    await again('a=1,2,3,4', 'b=0.1');
    expect(overridesIn(rig, 5)).toContain('a=4');
    expect((await again('a=1,3,4', 'b=0.1')).stdout).toContain('nothing to run: 3 points left out');
    expect(
      (await rig.mlx('run', 'main.sh', 'a=1', 'b=0.1', '--repeat', '3', '--skip-existing', '--count')).stdout,
    ).toBe('2\n');
    rig.write('sweep.yaml', 'params: {a: 1, b: 0.1}\nskip_existing: true\n');
    expect((await rig.mlx('run', 'main.sh', '--sweep', 'sweep.yaml', '--count')).stdout).toBe('0\n');
    // Another command is another experiment.
    expect((await rig.mlx('run', 'a=1', 'b=0.1', '--skip-existing', '--count', '--', 'true')).stdout).toBe('1\n');
    expect(rig.tree('logs').filter((name) => /^\d+\/$/.test(name))).toHaveLength(5);
  });
});

test('what is wrong with a sweep is told with its place, and nothing is written', async () => {
  const rig = makeRig();
  rig.write('sweeps/bad.yaml', 'params:\n  lr: 1,,2\n');
  rig.write('sweeps/odd.yaml', 'parmas:\n  lr: 1\n');
  rig.write('points.csv', 'a,b\n1,2\n3\n');
  rig.write('empty.csv', 'a,b\n');
  rig.write('broken.jsonl', '{"a": 1}\n{"a": \n');
  const messages: [string[], string][] = [
    [['lr=range(1,5'], "lr=range(1,5\n                ^ expected ')' that closes '('"],
    [['lr=range(0,1,0)'], 'the step is 0'],
    [['lr=range(0,1e30,1e-30)'], 'it never comes to its end'],
    [['lr=range(a)'], 'expected a number'],
    [['lr=rang(1)'], "did you mean 'range'?"],
    [['lr=interval(0,1)'], '--sample N draws N points'],
    [['lr=choice(1,2),3'], 'a sweep can not stand inside of another value'],
    [['lr=range(3,1)'], 'this sweep has no points'],
    [['lr=1,2', '--where', 'lr > 5'], '--where keeps none of the 2 points'],
    [['lr=1,2', '--where', 'lrr > 5'], "did you mean 'lr'?"],
    [['lr=1,2', '--where', 'lr >'], '^ expected a name or a value'],
    [['lr=1,2', 'b=1,2,3', '--zip', 'lr,b'], 'lr has 2, b has 3'],
    [['lr=1,2', '--zip', 'lr,bb'], "'bb', which is not swept here"],
    [['lr=1,2', '--point', '2'], 'there is no point 2: the sweep has 2 points'],
    [['lr=1,2', '--point', '-1'], '0 or more'],
    [['lr=1,2', '--first', '--point', '1'], '--first'],
    [['seed=range(100000)'], 'this sweep has 100000 runs, more than the limit of 10000'],
    [['--sweep', 'sweeps/bad.yaml'], "can't read the override in sweeps/bad.yaml:2 'lr=1,,2'"],
    [['--sweep', 'sweeps/odd.yaml'], "did you mean 'params'?"],
    [['--sweep', 'sweeps/none.yaml'], 'it does not exist'],
    [['--points', 'points.csv'], "can't read points from 'points.csv', line 3: it has 1 cells, the first line 2"],
    [['--points', 'empty.csv'], 'it holds no points'],
    [['--points', 'broken.jsonl'], 'line 2: this is no JSON'],
    [['--points', 'points.txt'], 'its name must end in .csv, .jsonl or .yaml'],
    [['a=1', '--points', 'points.jsonl'], 'it does not exist'],
  ];
  for (const [words, part] of messages) expect(await refused(rig, ...words), words.join(' ')).toContain(part);
});
