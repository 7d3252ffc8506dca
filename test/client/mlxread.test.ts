import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { queryCaseStore } from '../fixtures/query-cases/cases.js';

const client = fileURLToPath(new URL('../../dist/python', import.meta.url));
const interpreter =
  ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import pandas']).status === 0) ?? 'python3';
const hasPandas = spawnSync(interpreter, ['-c', 'import pandas']).status === 0;

/** What a script prints as JSON, line by line, with `rows` of a store at hand; warnings are in `warned`. */
function ask(store: string, lines: readonly string[]): unknown[] {
  const script = `
import json, sys, warnings
warned = []
warnings.showwarning = lambda message, *place, **more: warned.append(str(message).replace(sys.argv[1], "STORE"))
warnings.simplefilter("always")
import mlxread
rows = mlxread.read(sys.argv[1])
def ids(some): return [int(row.dir.rpartition("/")[2]) for row in some]
def error(function):
    try: return function()
    except (KeyError, ValueError) as error: return type(error).__name__ + ": " + str(error.args[0])
${lines.map((line) => `print(json.dumps(${line}))`).join('\n')}
`;
  const output = execFileSync(interpreter, ['-c', script, store], {
    env: { PATH: process.env['PATH'], PYTHONPATH: client, TZ: 'UTC' },
    encoding: 'utf8',
  });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A copy of the store of the cases, with files changed or added. */
function storeWith(files: Readonly<Record<string, string>>): string {
  const store = join(mkdtempSync(join(tmpdir(), 'mlx-read-')), 'logs');
  cpSync(queryCaseStore, store, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(store, path)), { recursive: true });
    writeFileSync(join(store, path), text);
  }
  return store;
}

describe('names in Python', () => {
  test('with two meanings are said to have two, once', () => {
    expect(
      ask(queryCaseStore, [
        'ids(rows.filter("name == \'fast\'"))',
        'ids(rows.filter("train.loss > 50 & name != 1"))',
        'rows["config.train.loss"][10]',
        'warned',
      ]),
    ).toEqual([
      [11],
      [],
      'mse',
      [
        "'name' means the key of the config here; write info.name for what is recorded of the run",
        "'train.loss' means the metric here; write config.train.loss for the key of the config",
      ],
    ]);
  });

  test('that no run has are errors everywhere, with the nearest names', () => {
    const wrong = [
      'rows["loss"]',
      'rows.sort("lr")',
      'rows.groupby("modle")',
      'rows[0]["optimizer.rl"]',
      'rows[9]["train.loss"]',
    ];
    expect(
      ask(queryCaseStore, [`[error(lambda: one()) for one in [${wrong.map((one) => `lambda: ${one}`).join(', ')}]]`]),
    ).toEqual([
      [
        "KeyError: no run has 'loss'; did you mean test.loss, train.loss, train.extra.loss, `train.val/loss`, `train.loss (raw)`?",
        "KeyError: no run has 'lr'; did you mean optimizer.lr?",
        "KeyError: no run has 'modle'; did you mean model?",
        "KeyError: no run has 'optimizer.rl'; did you mean optimizer.lr?",
        "KeyError: run 10 has no 'train.loss'; other runs have it",
      ],
    ]);
  });

  test('sort and group by the last value of a metric, with NaN and what is missing last', () => {
    expect(
      ask(queryCaseStore, [
        'ids(rows.sort("train.loss"))',
        'ids(rows.filter("seed < 6").sort(["model", "train.loss@min"], ascending=False))',
        '[[key[0], ids(group)] for key, group in rows.filter("train.ok | test.loss").groupby("train.phase").items()]',
      ]),
    ).toEqual([
      [8, 1, 4, 6, 2, 11, 5, 7, 3, 9, 10, 12, 13],
      [3, 1, 2, 4, 5, 6, 7],
      [
        [null, [1, 2]],
        ['main', [5]],
      ],
    ]);
  });

  test('group by the word that was typed, and added columns are known', () => {
    expect(
      ask(queryCaseStore, [
        '[[key[0], ids(group)] for key, group in rows.filter("model").groupby("model").items()]',
        'ids(rows.map((lambda lr: lr * 2 if lr else 0, "optimizer.lr", "twice lr")).filter("`twice lr` > 2"))',
        'error(lambda: rows.filter("status").aggregate((len, "run", "n")).filter("m > 1"))',
        '[rows[9]["attempt"], rows[5]["launch"], rows[0]["time"], rows[5].get("attempt", 7)]',
        'repr(rows[:1])',
      ]),
    ).toEqual([
      [
        ['small', [1, 3]],
        ['large', [2, 13]],
        ['resnet', [9]],
      ],
      [6],
      "QueryError: no row has 'm'; did you mean n?\n  m > 1\n  ^",
      [0, null, 12.5, null],
      expect.stringMatching(/^1 row: run, .*, … \(\d+ more\)$/),
    ]);
  });
});

describe('records that are not as mlx writes them', () => {
  test('a config that can not be read is said once, and its run is in no group', () => {
    const store = storeWith({ '2/metadata/config.yaml': 'a: [1\nb: 2\n', '3/metadata/config.yaml': 'a: b: c\n' });
    expect(
      ask(store, [
        'ids(rows.filter("optimizer.lr < 1"))',
        '[[key[0], ids(group)] for key, group in rows.groupby("optimizer.name").items()]',
        '[[path.replace(sys.argv[1], ""), line] for row in rows for path, line in row.problems()]',
        'warned',
      ]),
    ).toEqual([
      [1, 8, 10],
      [
        ['sgd', [1, 10]],
        [null, [4, 6, 7, 8, 9, 11, 12, 13]],
        ['none', [5]],
      ],
      [
        ['/2/metadata/config.yaml', 1],
        ['/3/metadata/config.yaml', 1],
      ],
      [
        "runs 2, 3: can't read a bracket that is not closed in STORE/2/metadata/config.yaml, line 1: a: [1; its columns are missing (row.problems() names the file)",
      ],
    ]);
  });

  test('a config that can not be read is said once, too, where rows are taken one by one', () => {
    const store = storeWith({ '2/metadata/config.yaml': 'a: [1\nb: 2\n', '3/metadata/config.yaml': 'a: b: c\n' });
    expect(
      ask(store, [
        '[row.get("config.seed") for row in rows][:4]',
        '[len(row.problems()) for row in rows][:4]',
        '[one[:11] for one in warned]',
      ]),
    ).toEqual([[1, null, null, 4], [0, 1, 1, 0], ['runs 2, 3: ']]);
  });

  test('what mlx recorded itself wins over what the program wrote again', () => {
    expect(
      ask(queryCaseStore, [
        '[rows[7][name] for name in ("status", "info.status", "info.exit_code", "info.attempt", "info.launch", "info.engine", "info.reason")]',
        'rows[7]["info.command"]',
        '[rows[8][name] for name in ("config.db.driver", "config.model", "override.db.port")]',
      ]),
    ).toEqual([
      ['COMPLETE', 'COMPLETE', 0, 1, 'mlxplaunch12', 'here', null],
      '/usr/bin/python3 main.py optimizer.lr=1e-4 seed=8 +mlxp.use_scheduler=False',
      ['mysql', 'resnet', '5432'],
    ]);
  });

  test('metrics files that are one JSON document have its objects, or the rows of its columns', () => {
    const store = storeWith({
      '1/metrics/list.json':
        '[\r\n {"loss": 2, "epoch": 1},\r\n {"loss": NaN, "epoch": 2},\r\n {"loss": Infinity}\r\n]\r\n',
      '1/metrics/columns.json': '{"loss": [3, 2, 1], "acc": [0.1, 0.2, 0.3]}',
      '1/metrics/object.json': '{\n  "loss": 4,\n  "shape": [1, 2]\n}\n',
      '1/metrics/lines.json': '\n{"loss": 1}\r\n{"loss": 2}\r\n',
    });
    const columns = [
      'list.loss@count',
      'list.loss@nan',
      'columns.loss',
      'columns.acc@max',
      'object.loss',
      'lines.loss@count',
    ];
    expect(ask(store, [`[rows[0][name] for name in ${JSON.stringify(columns)}]`])).toEqual([
      [2, 1, [3, 2, 1], 0.3, [4], 2],
    ]);
  });
});

describe('frames of pandas', () => {
  test('are long for metrics by name, and have one column of ISO dates', async ({ skip }) => {
    skip(!hasPandas && process.env['MLX_CLUSTERS'] !== 'required', 'there is no pandas');
    expect(
      ask(queryCaseStore, [
        'json.loads(rows.to_pandas(metrics=["train.loss", "test.loss"]).head(6).to_json(orient="values"))',
        'json.loads(rows.to_pandas(metrics="`train.val/loss`").to_json(orient="split"))',
        'json.loads(rows.to_pandas(metrics="train.extra.loss").to_json(orient="values"))',
        'json.loads(rows.groupby("model").to_pandas(metrics="test.loss").to_json(orient="split"))',
        '[error(lambda: one()) for one in [lambda: rows.to_pandas("loss"), lambda: rows.to_pandas(["train.loss@min"]), lambda: rows.to_pandas("optimizer.lr")]]',
        '[[name for name in frame.columns if "date" in name or "_time" in name or name in ("started", "ended")] for frame in (rows.to_pandas(), rows.toPandas())]',
        'rows.to_pandas().set_index("run").loc[[1, 6, 10], ["started", "ended", "info.status"]].values.tolist()',
        'rows.to_pandas(metrics=None).filter(like="train.").columns.tolist()',
      ]),
    ).toEqual([
      [
        [1, 1, 0, 'train.loss', 4],
        [1, 1, 1, 'train.loss', 2],
        [1, 1, 2, 'train.loss', 1],
        [1, 1, 3, 'train.loss', 0.5],
        [1, 1, 3, 'test.loss', 0.75],
        [2, 2, 0, 'train.loss', 3],
      ],
      {
        columns: ['run', 'attempt', 'step', 'metric', 'value'],
        index: [0, 1, 2],
        data: [
          [4, 1, 10, 'train.val/loss', 2.5],
          [4, 1, 20, 'train.val/loss', 1.5],
          [4, 1, 30, 'train.val/loss', 2],
        ],
      },
      [
        [12, null, 0, 'train.extra.loss', 20],
        [12, null, 1, 'train.extra.loss', 30],
      ],
      {
        columns: ['model', 'run', 'attempt', 'step', 'metric', 'value'],
        index: [0, 1],
        data: [
          ['small', 1, 1, 3, 'test.loss', 0.75],
          ['large', 2, 2, 3, 'test.loss', 3.25],
        ],
      },
      [
        expect.stringMatching(/^KeyError: no run has 'loss'; did you mean test\.loss, train\.loss/),
        "KeyError: 'train.loss@min' is one value of a run; name the metric alone: 'train.loss'",
        "KeyError: 'optimizer.lr' is no metric",
      ],
      [
        ['started', 'ended'],
        ['info.start_date', 'info.start_time', 'info.end_date', 'info.end_time'],
      ],
      [
        ['2026-11-28T05:00:00+00:00', '2026-11-28T05:00:12+00:00', 'COMPLETE'],
        ['2026-11-27T05:00:00+00:00', '2026-11-27T05:01:30+00:00', 'COMPLETE'],
        [null, null, 'QUEUED'],
      ],
      ['config.train.loss', 'config.train.batch'],
    ]);
  });
});

test('artifacts behind links are not looked for', () => {
  const store = storeWith({ '10/artifacts/json/own.json': '{}' });
  for (const link of ['10/artifacts/out', '10/artifacts/json/up', '11/artifacts']) {
    rmSync(join(store, link), { recursive: true, force: true });
    symlinkSync(store, join(store, link));
  }
  const names = 'sorted({name for row in rows for name in row if name.startswith("artifact.") and "own" in name})';
  expect(ask(store, [names])).toEqual([['artifact.json.own.json']]);
});
