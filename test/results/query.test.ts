import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { thinned } from '../../src/plots/index.js';
import { aggregate } from '../../src/results/index.js';
import { quantile } from '../../src/results/statistics.js';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

const mlxpLogs = fileURLToPath(new URL('../fixtures/mlxp-logs', import.meta.url));

/** Eight runs that log what their point says: a loss that falls with the epochs, to a level that the learning rate and the seed decide. */
async function sweep(): Promise<Rig> {
  const rig = makeRig();
  rig.write(
    'train.py',
    `import mlxrun
run = mlxrun.start()
for epoch in range(1, 6):
    run.log_metrics({"epoch": epoch, "loss": run.config.lr * 10 + run.config.seed / 100 + 1 / epoch})
run.log_metrics({"accuracy": 1 - run.config.lr}, log_name="test")
`,
  );
  rig.write('configs/config.yaml', 'lr: 0.1\nseed: 0\nmodel: small\n');
  await rig.mlx('run', 'train.py', 'lr=0.1,0.01', 'seed=1,2', 'model=small,large', '-q');
  return rig;
}

const json = async (rig: Rig, ...words: string[]) => JSON.parse((await rig.mlx(...words, '--json')).stdout);

describe('mlx query', () => {
  test('shows what was swept and what the metrics were last; groups, aggregates, sorts and cuts', async () => {
    const rig = await sweep();
    const { stdout } = await rig.mlx('query');
    expect(stdout).toMatch(/^run +status +lr +seed +model +test\.accuracy +train\.epoch +train\.loss\n/);
    const rows = await json(
      rig,
      'query',
      '--group-by',
      'lr,model',
      '--agg',
      'mean:train.loss,argmin:train.loss,max:test.accuracy',
    );
    expect(rows[0]).toEqual({
      lr: 0.01,
      model: 'large',
      n: 2,
      'mean:train.loss': expect.closeTo(0.1 + 0.015 + 0.2),
      'argmin:train.loss': 6,
      'max:test.accuracy': 0.99,
      runs: [6, 8],
    });
    const best = await json(rig, 'query', '--select', 'run,train.loss@min', '--sort', 'train.loss@min', '--limit', '2');
    expect(best.map(({ run }: { run: number }) => run)).toEqual([5, 6]);
  });

  test('takes an expression over config, info and metrics', async () => {
    const rig = await sweep();
    const expression = 'config.lr < 0.05 & train.loss@first > 1.1 & info.status == "COMPLETE" & seed in [2]';
    expect((await json(rig, 'query', expression)).map(({ run }: { run: number }) => run)).toEqual([7, 8]);
    const { exitCode, stdout, stderr } = await rig.mlx('query', 'config.lr > 3');
    expect([exitCode, stdout, stderr]).toEqual([0, '', 'no run matched; of 8 runs\n  config.lr is 0.01, 0.1\n']);
  });

  test('tells values at a step, over all steps, and of artifacts', async () => {
    const rig = await sweep();
    const columns = 'run,train.loss@epoch=2,train.loss@median,train.loss@argmin,train.loss@q25,override.lr';
    const [row] = await json(rig, 'query', '--select', columns, '--limit', '1');
    expect(row).toEqual({
      run: 1,
      'train.loss@epoch=2': 1.51,
      'train.loss@median': expect.closeTo(1.01 + 1 / 3),
      'train.loss@argmin': 4,
      'train.loss@q25': expect.closeTo(1.26),
      'override.lr': '0.1',
    });
  });

  test.for([
    [['query', 'train.los < 1'], "no run has 'train.los', did you mean 'train.loss'?"],
    [['query', 'train.loss <'], '    train.loss <\n                ^'],
    [['query', '--select', 'run,lrr'], "no run has 'lrr', did you mean 'lr'?"],
    [['query', '--select', 'train.loss@mni'], "'@mni' means nothing, did you mean '@min'?"],
    [['query', '--agg', 'men:train.loss'], "did you mean 'mean'?"],
    [['query', '--group-by', 'modle'], "did you mean 'model'?"],
    [['query', '--sort', 'nothing'], "no run has 'nothing'"],
    [['best', 'train.loss'], '--min or --max'],
    [['plot', 'train.loss', '--x', 'epch'], "did you mean 'epoch'?"],
    [['plot', 'train.loss', '--parallel', 'lr'], '-o FILE'],
    [['plot', 'train.loss', '--parallel', 'lrr', '-o', 'a.svg'], "did you mean 'lr'?"],
    [['plot', 'train.loss', '--heat-map', 'lr'], 'two columns, such as optimizer.lr,model'],
    [['plot', 'train.loss', '--heat-map', 'lr,modle'], "did you mean 'model'?"],
    [['plot', 'train.loss', '--heat-map', 'lr,seed', '--band', 'std'], '--band'],
    [['plot', 'train.loss', '-o', 'a.gif'], 'a name that ends in .svg, .png or .html'],
  ] as const)('what can not be is told with its place, and nothing is printed: %s', async ([words, problem]) => {
    const rig = await sweep();
    const { exitCode, stdout, stderr } = await rig.mlx(...words);
    expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(problem)]);
  });

  test('uses what is whole of files that are not, and names the rest; NaN and what is missing are told apart', async () => {
    const rig = await sweep();
    appendFileSync(
      join(rig.directory, 'logs/1/metrics/train.json'),
      'no json\n{"epoch": 6, "loss": NaN}\n{"epoch": 7, "lo',
    );
    rmSync(join(rig.directory, 'logs/2/metrics'), { recursive: true });
    const { stdout, stderr } = await rig.mlx('query', '--agg', 'mean:train.loss', '--csv');
    expect(stdout).toMatch(/^n,mean:train\.loss,runs\r\n8,0\.\d+,"\[1,2,/);
    expect(stderr).toBe(
      `warning: run 1: line 6 of metrics/train.json is no JSON; the rest is used
warning: 1 file of metrics end in half a line, which is not used: runs 1
note: mean:train.loss is without 1 run that lack it, 1 run with NaN
`,
    );
    const [first, second] = await json(rig, 'query', '--select', 'train.loss,train.loss@min', '--limit', '2');
    expect([first['train.loss'], second['train.loss']]).toEqual(['NaN', null]);
    expect(first['train.loss@min']).toBeCloseTo(1.21);
  });

  test('prints Markdown, JSON lines and Parquet of the same table', async () => {
    const rig = await sweep();
    const words = ['query', '--select', 'run,lr,model,train.loss', '--limit', '2'];
    expect((await rig.mlx(...words, '--md')).stdout).toBe(
      '| run | lr | model | train.loss |\n| --: | --: | --- | --: |\n| 1 | 0.1 | small | 1.21 |\n| 2 | 0.1 | large | 1.21 |\n',
    );
    const lines = (await rig.mlx(...words, '--jsonl')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const parquet = await execa(process.execPath, [mlxBin, ...words, '--parquet'], {
      cwd: rig.directory,
      encoding: 'buffer',
    });
    const file = parquet.stdout.buffer.slice(
      parquet.stdout.byteOffset,
      parquet.stdout.byteOffset + parquet.stdout.length,
    );
    expect(await parquetReadObjects({ file: file as ArrayBuffer })).toEqual(lines);
  });

  test('of runs that have ended comes from an index, which a further attempt makes stale and a query of some runs keeps whole', async () => {
    const rig = await sweep();
    await rig.mlx('query');
    const index = join(rig.directory, 'logs/.mlx/results.ndjson');
    expect(existsSync(index)).toBe(true);
    // What is not read again can't be seen to have changed.
    rmSync(join(rig.directory, 'logs/3/metrics'), { recursive: true });
    expect((await json(rig, 'query', '--select', 'run,train.loss'))[2]).toMatchObject({
      'train.loss': expect.any(Number),
    });
    await rig.mlx('rerun', '3', '--in-place', '-q');
    appendFileSync(join(rig.directory, 'logs/3/metrics/train.json'), '{"epoch": 9, "loss": 42}\n');
    expect((await json(rig, 'query', 'run == 3', '--select', 'train.loss'))[0]).toEqual({ 'train.loss': 42 });
    writeFileSync(index, 'cut shor');
    expect((await json(rig, 'query', '--select', 'run,train.loss'))[2]).toEqual({ run: 3, 'train.loss': 42 });
  });

  test("reads MLXP's logs, and answers its queries as it does", async () => {
    const parent = mkdtempSync(join(tmpdir(), 'mlx-mlxp-'));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    cpSync(mlxpLogs, join(parent, 'logs'), { recursive: true });
    const query = async (expression: string) => {
      const { stdout } = await execa(process.execPath, [mlxBin, 'query', expression, '--json'], { cwd: parent });
      return JSON.parse(stdout).map(({ run }: { run: number }) => run);
    };
    expect(await query("info.status == 'COMPLETE' & config.optimizer.lr <= 0.01")).toEqual([1, 3]);
    expect(await query('~ config.seed == 7 | config.model.num_units in [200]')).toEqual([3, 4, 5]);
    // Exponents are numbers, which MLXP does not read.
    expect(await query('config.optimizer.lr == 1e-3')).toEqual([1, 3]);
    expect(existsSync(join(parent, 'logs/database.json'))).toBe(false);
  });
});

describe('mlx best', () => {
  test('gives the best setting of each group by its mean over seeds, its runs, and the command that runs it again', async () => {
    const rig = await sweep();
    const { stdout } = await rig.mlx('best', 'train.loss', '--min', '--group-by', 'model');
    expect(stdout).toBe(`model    lr  mean:train.loss      ±  n          of  runs
large  0.01            0.315  0.005  2  2 settings  6, 8
small  0.01            0.315  0.005  2  2 settings  5, 7
again: mlx rerun 6, the best of 2 runs
again: mlx rerun 5, the best of 2 runs
`);
    expect(await json(rig, 'best', 'test.accuracy', '--max', '--over', 'seed,model')).toEqual([
      expect.objectContaining({ setting: { lr: 0.01 }, runs: [5, 6, 7, 8], again: 'mlx rerun 5' }),
    ]);
    expect((await rig.mlx('rerun', '6', '-q')).exitCode).toBe(0);
  });
});

describe('mlx plot', () => {
  test('draws in eighty columns, marks values that can not be drawn, and names the curves', async () => {
    const rig = await sweep();
    appendFileSync(
      join(rig.directory, 'logs/1/metrics/train.json'),
      '{"epoch": 6, "loss": NaN}\n{"epoch": 7, "loss": 1}\n',
    );
    const { stdout, stderr } = await rig.mlx('plot', 'train.loss', '--group-by', 'lr', '--band', 'minmax');
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe('train.loss, mean ± minmax');
    expect(lines.slice(-2)).toEqual(['a  lr=0.01  runs 5-8', 'b  lr=0.1  runs 1-4']);
    expect(stderr).toBe('note: 1 value of train.loss is NaN or infinite, and not drawn\n');
  });

  test('maps a metric over two keys, as means over the others; what is not there stays empty', async () => {
    const rig = await sweep();
    await rig.mlx('delete', '4', '8', '--yes');
    appendFileSync(join(rig.directory, 'logs/1/metrics/train.json'), '{"epoch": 6, "loss": NaN}\n');
    const words = ['plot', 'train.loss', '--heat-map', 'lr,model'];
    const { stdout, stderr } = await rig.mlx(...words);
    expect(stdout.split('\n')).toEqual([
      'train.loss, mean',
      expect.stringMatching(/^lr ↓ {2}model → +large +small$/),
      expect.stringMatching(/^ +0\.01 +▁ 0\.31 +▁ 0\.315$/),
      expect.stringMatching(/^ +0\.1 +█ 1\.21 +█ 1\.22$/),
      '',
    ]);
    expect(stderr).toBe('note: 1 run without a number for train.loss is left out\n');
    expect((await rig.mlx(...words, '-o', 'map.svg')).exitCode).toBe(0);
    const cells = [...rig.read('map.svg').matchAll(/<title>(.*?)<\/title>.*?<text [^>]*>(.*?)<\/text>/g)];
    expect(cells.map(([, runs, text]) => [runs, text])).toEqual([
      ['run 6', '0.31'],
      ['runs 5,7', '0.315'],
      ['run 2', '1.21'],
      ['runs 1,3', '1.22'],
    ]);
    expect((await rig.mlx(...words, '-o', 'map.html')).exitCode).toBe(0);
    expect(rig.read('map.html')).not.toMatch(/<script|(src|href)=/);
  });

  test('draws runs as lines through what they were given', async () => {
    const rig = await sweep();
    appendFileSync(join(rig.directory, 'logs/1/metrics/train.json'), '{"epoch": 6, "loss": NaN}\n');
    const { exitCode, stderr } = await rig.mlx('plot', 'train.loss', '--parallel', 'lr,seed,model', '-o', 'p.svg');
    expect([exitCode, stderr]).toEqual([
      0,
      '7 runs in p.svg\nnote: 1 run without a number for train.loss is left out\n',
    ]);
    const lines = [
      ...rig.read('p.svg').matchAll(/<title>(run \d) [^<]*<\/title><path d="M70 ([\d.]+)L220 ([\d.]+)L370 /g),
    ];
    // Two values of a key are at a quarter and three quarters of its axis.
    expect(lines.map(([, run, lr, seed]) => [run, lr, seed])).toEqual([
      ['run 2', '136.0', '296.0'],
      ['run 3', '136.0', '136.0'],
      ['run 4', '136.0', '136.0'],
      ['run 5', '296.0', '296.0'],
      ['run 6', '296.0', '296.0'],
      ['run 7', '296.0', '136.0'],
      ['run 8', '296.0', '136.0'],
    ]);
  });

  test('writes pictures and pages in which names are no markup', async () => {
    const rig = makeRig();
    rig.write('main.py', 'import mlxrun\nrun = mlxrun.start()\nfor i in range(3): run.log_metrics({"loss": i})\n');
    await rig.mlx('run', 'main.py', "name='</script><b>','a&b'", '-q');
    expect((await rig.mlx('plot', 'train.loss', '-o', 'a.svg')).exitCode).toBe(0);
    expect((await rig.mlx('plot', 'train.loss', '-o', 'a.html')).exitCode).toBe(0);
    expect((await rig.mlx('plot', 'train.loss', '-o', 'a.png')).exitCode).toBe(0);
    const png = readFileSync(join(rig.directory, 'a.png'));
    // The signature, and width and height of the first chunk (PNG, 11.2.2).
    expect([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 2000, 920]);
    const [svg, html] = [rig.read('a.svg'), rig.read('a.html')];
    expect(svg).toContain('name=&#60;/script&#62;&#60;b&#62;');
    expect(svg.match(/<path d="M[\d.]+ [\d.]+L/g)?.length).toBe(2);
    expect(html.match(/<\/script>/g)?.length).toBe(2);
    expect(html).not.toMatch(/(src|href)=/);
    await rig.mlx('plot', 'train.loss', '--heat-map', 'name,run', '-o', 'b.html');
    expect(rig.read('b.html')).toContain('&#60;/script&#62;&#60;b&#62;');
    expect(rig.read('b.html')).not.toContain('<b>');
  });

  test('thins curves without losing an extreme, an end or a gap', () => {
    const point = fc.record({
      x: fc.integer(),
      y: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)),
    });
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 500 }),
        fc.integer({ min: 8, max: 100 }),
        (points, most) => {
          const kept = thinned(points, most);
          const ys = (some: typeof points) => some.map(({ y }) => y).filter((y) => !Number.isNaN(y));
          expect(kept.length).toBeLessThanOrEqual(Math.max(most * 1.5, 12));
          expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
          expect([Math.min(...ys(kept)), Math.max(...ys(kept))]).toEqual([
            Math.min(...ys(points)),
            Math.max(...ys(points)),
          ]);
          expect(kept.some(({ y }) => Number.isNaN(y))).toBe(points.some(({ y }) => Number.isNaN(y)));
        },
      ),
    );
  });
});

describe('aggregates', () => {
  const values = [3, 1, Number.NaN, undefined, 'x', 2].map((value, i) => ({ run: i + 1, value }));

  test('are of the numbers, and count what is none', () => {
    expect(aggregate(values, 'mean')).toEqual({ value: 2, numbers: 3, missing: 1, nan: 1, other: 1 });
    expect(
      ['min', 'max', 'median', 'argmin', 'argmax', 'count', 'first', 'last', 'sum', 'q25'].map(
        (name) => aggregate(values, name as 'min').value,
      ),
    ).toEqual([1, 3, 2, 2, 1, 5, 3, 2, 6, 1.5]);
    expect(aggregate(values, 'std').value).toBe(1);
    expect(aggregate(values.slice(0, 1), 'std').value).toBeUndefined();
  });

  test('quantiles lie between their neighbours as numpy has them', () => {
    expect([0, 0.25, 0.5, 1].map((q) => quantile([4, 1, 3, 2], q))).toEqual([1, 1.75, 2.5, 4]);
  });
});

describe('the reader of Python', () => {
  const client = fileURLToPath(new URL('../../dist/python', import.meta.url));
  const python = async (script: string, cwd: string) =>
    (await execa('python3', ['-c', script], { cwd, env: { PYTHONPATH: client }, reject: false })) as {
      stdout: string;
      stderr: string;
    };

  test("takes MLXP's walk from the best learning rate of each model to its test loss, with one import changed", async () => {
    const rig = await sweep();
    const script = `
import mlxread as mlxp
def mean(x): return sum(values[-1] for values in x) / len(x)
def argmin(x): return [i == x.index(min(x)) for i in range(len(x))]
reader = mlxp.Reader("./logs", refresh=True)
results = reader.filter(query_string="info.status == 'COMPLETE'", result_format="datadict")
grouped = results.groupby(["config.model", "config.lr"])
best = grouped.aggregate((mean, "train.loss")).filter((argmin, "fmean.train.loss"), bygroups=["config.model"])
final = grouped.select(best.keys()).aggregate((mean, "test.accuracy"))
for row in final.ungroup().sort("config.model"): print(sorted(row.items()))
print(len(reader), reader.searchable["config.lr"], results.diff())
`;
    expect((await python(script, rig.directory)).stdout).toBe(
      `[('config.lr', 0.01), ('config.model', 'large'), ('fmean.test.accuracy', 0.99)]
[('config.lr', 0.01), ('config.model', 'small'), ('fmean.test.accuracy', 0.99)]
8 <class 'float'> ['config.lr', 'config.seed', 'config.model']`,
    );
  });

  test('agrees with mlx query about expressions and reducers', async () => {
    const rig = await sweep();
    appendFileSync(join(rig.directory, 'logs/2/metrics/train.json'), 'broken\n{"loss": NaN}\n{"lo');
    const expressions = [
      'config.lr < 0.05 & seed == 1',
      'train.loss@min > 1 | config.model in ["large"]',
      '~(config.seed == 1) & not config.seed in [2, 3]',
      "info.status != 'FAILED' and model == 'small'",
      'train.loss < 0.4',
      'run >= 3 & run <= 1e1',
    ];
    const reducers = [
      'last',
      'first',
      'min',
      'max',
      'mean',
      'std',
      'median',
      'q90',
      'argmin',
      'argmax',
      'count',
      'nan',
    ];
    const script = `
import json, mlxrun
runs = mlxrun.read("logs")
print(json.dumps([[row["run"] for row in runs.filter(e)] for e in ${JSON.stringify(expressions)}]))
print(json.dumps([[round(runs[i]["train.loss@" + r], 9) if runs[i]["train.loss@" + r] == runs[i]["train.loss@" + r] else "NaN" for r in ${JSON.stringify(reducers)}] for i in (0, 1)]))
`;
    const [selected, reduced] = (await python(script, rig.directory)).stdout
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const [i, expression] of expressions.entries()) {
      expect([expression, (await json(rig, 'query', expression)).map(({ run }: { run: number }) => run)]).toEqual([
        expression,
        selected[i],
      ]);
    }
    const columns = reducers.map((reducer) => `train.loss@${reducer}`).join(',');
    const rows = await json(rig, 'query', 'run < 3', '--select', columns);
    const rounded = (value: unknown) => (typeof value === 'number' ? Number(value.toFixed(9)) : value);
    expect(rows.map((row: object) => Object.values(row).map(rounded))).toEqual(reduced);
  });

  test('says where an expression is wrong, and reads artifacts', async () => {
    const rig = makeRig();
    rig.write(
      'main.py',
      'import mlxrun\nrun = mlxrun.start()\nrun.log_metrics({"loss": 1.5})\nrun.log_artifact({"a": 1}, "r.json", "json")\n',
    );
    await rig.mlx('run', 'main.py', '+lr=1', '-q');
    const script = `
import mlxread
rows = mlxread.read("logs")
print(rows[0]["artifact.json.r.json"].load())
try: rows.filter("config.lr <")
except mlxread.QueryError as error: print(error)
`;
    expect((await python(script, rig.directory)).stdout).toBe(
      "{'a': 1}\nexpected a name or a value\n  config.lr <\n             ^",
    );
    expect(readFileSync(join(rig.directory, 'logs/1/metrics/train.json'), 'utf8')).toBe(
      '{"loss": 1.5, "_attempt": 1}\n',
    );
  });

  const withPandas = ['python3', '/usr/bin/python3'].find(
    (name) => spawnSync(name, ['-c', 'import pandas']).status === 0,
  );
  test('gives a frame of pandas', async ({ skip }) => {
    skip(withPandas === undefined && process.env['MLX_CLUSTERS'] !== 'required', 'there is no pandas');
    const rig = makeRig();
    rig.write(
      'main.py',
      'import mlxrun\nrun = mlxrun.start()\nfor i in (1, 2): run.log_metrics({"loss": run.config.lr / i})\n',
    );
    await rig.mlx('run', 'main.py', '+lr=1,3', '-q');
    const script = `
import mlxread
rows = mlxread.read("logs")
frame = rows.to_pandas()
print(frame[["run", "config.lr", "train.loss"]].values.tolist())
print(frame.groupby("config.lr")["train.loss"].mean().to_dict())
print(rows.filter("config.lr > 1").to_pandas(metrics="values")["train.loss"].tolist())
`;
    const { stdout } = await execa(withPandas ?? 'python3', ['-c', script], {
      cwd: rig.directory,
      env: { PYTHONPATH: client },
    });
    expect(stdout.split('\n')).toEqual(['[[1.0, 1.0, 0.5], [2.0, 3.0, 1.5]]', '{1: 0.5, 3: 1.5}', '[[3.0, 1.5]]']);
  });
});
