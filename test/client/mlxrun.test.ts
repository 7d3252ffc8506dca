import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/values/index.js';
import { formatYaml } from '../../src/values/yaml.js';
import { makeRig, waitUntil } from '../rig/rig.js';

const client = fileURLToPath(new URL('../../dist/python', import.meta.url));
const example = fileURLToPath(new URL('../../examples/iris/train.py', import.meta.url));

function python(script: string, options: { input?: string; env?: NodeJS.ProcessEnv; args?: string[] } = {}): string {
  return execFileSync('python3', ['-c', script, ...(options.args ?? [])], {
    input: options.input ?? '',
    env: { PATH: process.env['PATH'], PYTHONPATH: client, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
}

describe('load_yaml', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    fc.constantFrom('yes', '1e-3', '010', '- a', 'a: b', '# c', "it's", '"', '{', '[x', '~', '', ' x '),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.letrec<{ value: Value; mapping: Value }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('mapping')),
    mapping: fc
      .array(fc.tuple(fc.string({ maxLength: 8 }), tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries)),
  })).mapping;

  test('reads whatever mlx writes', () => {
    const samples = fc.sample(value, 500);
    const script = `
import json, sys, tempfile, os, mlxrun
for text in json.load(sys.stdin):
    path = os.path.join(tempfile.gettempdir(), "mlx-yaml-%d" % os.getpid())
    with open(path, "w", encoding="utf-8") as file: file.write(text)
    print(json.dumps(mlxrun.load_yaml(path)))
`;
    const output = python(script, { input: JSON.stringify(samples.map(formatYaml)) });
    const read = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line, (_, v) => (v === 0 ? 0 : v)));
    const plain = (one: Value): unknown => {
      if (typeof one === 'bigint') return Number(one);
      if (Array.isArray(one)) return one.map(plain);
      if (one instanceof Map) return Object.fromEntries([...one].map(([k, v]) => [String(k), plain(v)]));
      return one;
    };
    for (const [i, sample] of samples.entries())
      expect(read[i], formatYaml(sample)).toEqual(
        JSON.parse(JSON.stringify(plain(sample), (_, v) => (v === 0 ? 0 : v))),
      );
  });

  const withOmegaConf = ['python3', '/usr/bin/python3'].find(
    (name) => spawnSync(name, ['-c', 'import yaml, omegaconf']).status === 0,
  );
  test('reads whatever PyYAML and OmegaConf dump, as OmegaConf does', async ({ skip }) => {
    skip(withOmegaConf === undefined && process.env['MLX_CLUSTERS'] !== 'required', 'there is no OmegaConf');
    const json = (one: Value): unknown => {
      if (typeof one === 'bigint') return String(one);
      if (Array.isArray(one)) return one.map(json);
      return one instanceof Map ? Object.fromEntries([...one].map(([key, item]) => [String(key), json(item)])) : one;
    };
    // YAML 1.1 takes these for line ends, 1.2 does not.
    const samples = fc
      .sample(value, 600)
      .map((one) => JSON.stringify(json(one)))
      .filter((text) => !/[\u0085\u2028\u2029\ud800-\udfff]|\\u[d0]/i.test(text));
    const script = `
import json, sys, tempfile, os, random, mlxrun, yaml
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader
path = os.path.join(tempfile.gettempdir(), "mlx-dumped-%d" % os.getpid())
styles = [dict(default_flow_style=False), dict(default_flow_style=None, width=20), dict(default_flow_style=True, explicit_start=True),
          dict(allow_unicode=True, explicit_end=True, indent=4), dict(default_style="|"), dict(default_style=">"), dict(default_style="'")]
for i, text in enumerate(json.load(sys.stdin)):
    value = json.loads(text)
    value = {"first": value, "again": value, "long": "word " * 40}
    for dump in [lambda: yaml.dump(value, **styles[i % len(styles)]), lambda: OmegaConf.to_yaml(OmegaConf.create(value))]:
        try: wanted = yaml.load(dump(), Loader=get_yaml_loader())
        except Exception: continue
        with open(path, "w", encoding="utf-8", newline="") as file: file.write(dump())
        assert repr(dict(mlxrun.load_yaml(path))) == repr(wanted), dump()
os.remove(path)
print("done")
`;
    const output = execFileSync(withOmegaConf ?? 'python3', ['-c', script], {
      input: JSON.stringify(samples),
      env: { PATH: process.env['PATH'], PYTHONPATH: client },
      encoding: 'utf8',
    });
    expect(output).toBe('done\n');
  });

  // What PyYAML 6.0 and OmegaConf 2.2 dump, by which MLXP and Hydra write configs.
  test('reads what other programs dump', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-client-'));
    const file = join(directory, 'c.yaml');
    writeFileSync(
      file,
      `%YAML 1.1
---
folded: A plain text that goes on
  in the next line

  and after an empty one
quoted: 'it''s a

  text '
double: "long\\
  \\ line\\n"
layers: &id001
- 16
- [1,
   2]
again: *id001
literal: |
  first
    second

kept: >+
  one
  two

  three

stripped: |-
    text
tuple: !!python/tuple
- 1
- - a
  - b: {}
object: !!python/object:app.Model
  width: 3
path: !!python/object/apply:pathlib.PosixPath
- /
- data
name: !!python/name:builtins.int ''
texts: [!!str 3, "3"]
set: !!set
  x: null
? a key
: value
base: &base {lr: 1, seed: 2}
more:
  <<: *base
  lr: 3
...
`.replaceAll('\\\\', '\\'),
    );
    const read = () =>
      JSON.parse(python('import json,sys,mlxrun; print(json.dumps(mlxrun.load_yaml(sys.argv[1])))', { args: [file] }));
    const expected = {
      folded: 'A plain text that goes on in the next line\nand after an empty one',
      quoted: "it's a\ntext ",
      double: 'long line\n',
      layers: [16, [1, 2]],
      again: [16, [1, 2]],
      literal: 'first\n  second\n',
      kept: 'one two\nthree\n\n',
      stripped: 'text',
      tuple: [1, ['a', { b: {} }]],
      object: { width: 3 },
      path: '/data',
      name: 'builtins.int',
      texts: ['3', '3'],
      set: ['x'],
      'a key': 'value',
      base: { lr: 1, seed: 2 },
      more: { lr: 3, seed: 2 },
    };
    expect(read()).toEqual(expected);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
    expect(read()).toEqual(expected);
  });

  test('reads what people write, and says where it can not', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-client-'));
    const file = join(directory, 'c.yaml');
    writeFileSync(
      file,
      `# a comment
seed: 0   # another
name: it's#1
url: http://x.y/z
empty:
flow: {a: [1, 2.5, 'x, y'], b: {c: yes}, "d e": ~}
list:
- 1e-3
- key: value
  other: [a, b]
- - nested
  - 0x1F
text: "tab\\tquote\\" \\u00e9"
`,
    );
    expect(
      JSON.parse(python('import json,sys,mlxrun; print(json.dumps(mlxrun.load_yaml(sys.argv[1])))', { args: [file] })),
    ).toEqual({
      seed: 0,
      name: "it's#1",
      url: 'http://x.y/z',
      empty: null,
      flow: { a: [1, 2.5, 'x, y'], b: { c: true }, 'd e': null },
      list: [0.001, { key: 'value', other: ['a', 'b'] }, ['nested', 31]],
      text: 'tab\tquote" é',
    });
    for (const [text, place] of [
      ['a: 1\nb: [1,\n  2\n', 'line 2'],
      ['a: 1\na: 2\n', 'line 2'],
      ['a: *x\n', 'line 1'],
      ['a: b: c\n', 'line 1'],
      ['a: "open\nb: 1\n', 'line 1'],
      ['a: 1\n  b: 2\n', 'line 2'],
      ['a: 1\n---\nb: 2\n', 'line 2'],
      ['a:\n\tb: 2\n', 'line 2'],
      ['- 1\nb: 2\n', 'line 2'],
      ['a: >x\n  b\n', 'line 1'],
      ['a: - 1\n', 'line 1'],
      ['a: @b\n', 'line 1'],
    ] as const) {
      writeFileSync(file, text);
      const { stderr } = spawnSync('python3', ['-c', `import mlxrun; mlxrun.load_yaml(${JSON.stringify(file)})`], {
        env: { PATH: process.env['PATH'], PYTHONPATH: client },
        encoding: 'utf8',
      });
      expect(stderr).toMatch(new RegExp(`ValueError: can't read .*${place}`));
    }
  });
});

describe('a program that uses mlxrun', () => {
  test('writes metrics, artifacts and checkpoints into its run, which a later attempt goes on from', async () => {
    const rig = makeRig();
    rig.write(
      'main.py',
      `import mlxrun
run = mlxrun.start()
state = run.latest_checkpoint() or {"epoch": 0}
for epoch in range(state["epoch"], state["epoch"] + 2):
    run.log_metrics({"epoch": epoch, "loss": float("nan"), "s": "ü"})
    run.checkpoint({"epoch": epoch + 1})
run.log_artifact({"a": [1]}, "sub/result", type="json")
print(run.id, run.attempt, run.resumed, run.config.opt.lr)
`,
    );
    const { exitCode } = await rig.mlx('run', 'main.py', 'opt.lr=1e-3', '-q');
    expect([exitCode, rig.read('logs/1/log.stderr')]).toEqual([0, '']);
    expect(rig.read('logs/1/script.sh')).toMatch(/^export PYTHONUNBUFFERED=/m);
    expect(rig.read('logs/1/log.stdout')).toBe('1 1 False 0.001\n');
    await rig.mlx('run', 'main.py', 'opt.lr=1e-3', '--log-id', '1', '-q');
    expect(rig.read('logs/1/metrics/train.json').split('\n').slice(0, 4)).toEqual(
      [0, 1, 2, 3].map((epoch) => `{"epoch": ${epoch}, "loss": NaN, "s": "\\u00fc", "_attempt": ${epoch < 2 ? 1 : 2}}`),
    );
    expect(rig.read('logs/1/metrics/.keys/train.yaml')).toBe("epoch: ''\nloss: ''\ns: ''\n");
    expect(JSON.parse(rig.read('logs/1/artifacts/json/sub/result'))).toEqual({ a: [1] });
    expect(rig.read('logs/1/artifacts/.keys/artifacts.yaml')).toBe(
      `Checkpoint:\n  "":\n    last_ckpt.pkl: ''\njson:\n  ".sub":\n    result: ''\n`,
    );
  });

  test('runs alone, with its config file and the words of its command line', () => {
    const output = execFileSync('python3', [example, 'seed=1', 'epochs=2', 'optimizer.lr=1e-2'], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    expect(output).toMatch(/^after 2 epochs: held-out loss \d\.\d+, accuracy 0\.\d+\n$/);
  });

  test('does not die of a store that it can not write to', async () => {
    const rig = makeRig();
    const file = rig.write('file', '');
    const output = python(
      'import mlxrun; r = mlxrun.start(); r.log_metrics({"a": 1}); r.log_metrics({"a": 1}); print("done")',
      {
        env: { MLX_LOG_DIR: file },
      },
    );
    expect(output).toBe('done\n');
  });
});

describe('mlxrun', () => {
  /** A program in a run of its own; gives what it printed. */
  async function printed(program: string): Promise<{ out: string; rig: ReturnType<typeof makeRig> }> {
    const rig = makeRig();
    rig.write('main.py', `import mlxrun\nrun = mlxrun.start()\n${program}\n`);
    const { exitCode } = await rig.mlx('run', 'main.py', 'lr=1e-3', '-q');
    expect([exitCode, rig.read('logs/1/log.stderr')]).toEqual([0, '']);
    return { out: rig.read('logs/1/log.stdout'), rig };
  }

  test('saves and loads artifacts of each type, under its own names and those of MLXP', async () => {
    const { out, rig } = await printed(`
run.log_artifact({"a": (1, 2)}, "p")
run.log_artifact({"a": [1]}, "sub/j.json", type="json")
run.log_artifact("line\\r\\nü", "t.txt", type="text")
open("some file", "w").write("copied")
run.log_artifact("some file", "copy", type="file")
run.register_artifact_type("upper", lambda obj, path: open(path, "w").write(obj.upper()), lambda path: open(path).read())
run.log_artifacts("shout", "u", "upper")
print(run.load_artifact("p"), run.load_artifact("sub/j.json"), repr(run.load_artifact("t.txt")), open(run.load_artifact("copy")).read(), run.load_artifacts("u"))
run.log_checkpoint([1, 2])
print(run.load_checkpoint(), run.latest_checkpoint())
for broken in (lambda: run.log_artifact(1, "x", type="pickel"), lambda: run.log_artifact(1, "../x"), lambda: run.load_artifact("no"),
               lambda: run.load_checkpoint("no"), lambda: run.register_artifact_type("json", None, None), lambda: run.log_metrics({}, "info")):
    try: broken()
    except (ValueError, FileNotFoundError) as error: print(type(error).__name__)
`);
    expect(out).toBe(
      "{'a': (1, 2)} {'a': [1]} 'line\\r\\nü' copied SHOUT\n[1, 2] None\nValueError\nValueError\nFileNotFoundError\nFileNotFoundError\nValueError\nValueError\n",
    );
    expect(rig.read('logs/1/artifacts/.keys/artifacts.yaml')).toBe(
      `Checkpoint:\n  "":\n    checkpoint: ''\nfile:\n  "":\n    copy: ''\njson:\n  ".sub":\n    j.json: ''\npickle:\n  "":\n    p: ''\n` +
        `text:\n  "":\n    t.txt: ''\nupper:\n  "":\n    u: ''\n`,
    );
  });

  test("takes numpy's values and PIL's images where they are there", (context) => {
    const system = ['/usr/bin/python3', 'python3'].find(
      (name) => spawnSync(name, ['-c', 'import numpy, PIL']).status === 0,
    );
    if (!system) return context.skip('no python3 with numpy and PIL here (Debian: python3-numpy, python3-pil)');
    const directory = mkdtempSync(join(tmpdir(), 'mlx-client-'));
    const output = execFileSync(
      system,
      [
        '-c',
        `import mlxrun, numpy, PIL.Image
run = mlxrun.start(log_dir=${JSON.stringify(directory)})
run.log_metrics({"a": numpy.float32(0.5), "b": numpy.int64(3), "c": numpy.array(2.5), "d": numpy.array([1, 2]), "e": numpy.float64("nan"), "f": numpy.bool_(True)})
run.log_artifact(numpy.arange(3), "one", type="numpy")
run.log_artifact({"x": numpy.ones(2)}, "many", type="numpy")
run.log_artifact(PIL.Image.new("RGB", (3, 2)), "dot.jpg", type="image")
print(run.load_artifact("one"), run.load_artifact("many", "numpy"), run.load_artifact("dot.jpg").format)`,
      ],
      { env: { PATH: process.env['PATH'], PYTHONPATH: client }, encoding: 'utf8' },
    );
    expect(output).toBe("[0 1 2] {'x': array([1., 1.])} JPEG\n");
    expect(readFileSync(join(directory, 'metrics/train.json'), 'utf8')).toBe(
      '{"a": 0.5, "b": 3, "c": 2.5, "d": [1, 2], "e": NaN, "f": true, "_attempt": 1}\n',
    );
  });

  test('calls on_preempt at a warning and goes on, and at TERM before it ends', async () => {
    const rig = makeRig();
    rig.write(
      'main.py',
      `import mlxrun, time, os
run = mlxrun.start()
state = {"epoch": 0}
run.on_preempt(lambda: run.checkpoint(state))
run.on_preempt(lambda: print("saved", state["epoch"], flush=True))
while True:
    state["epoch"] += 1
    run.log_metrics(state)
    run.progress(state["epoch"], 1000000)
    time.sleep(0.01)
`,
    );
    const child = rig.start(['run', 'main.py', 'a=1', '-q']);
    const log = join(rig.directory, 'logs/1/log.stdout');
    const metrics = join(rig.directory, 'logs/1/metrics/train.json');
    await waitUntil(() => existsSync(metrics), 'the first line');
    const body = Number(/^pid: (\d+)/m.exec(rig.read('logs/1/metadata/attempts/1.yaml'))?.[1]);
    process.kill(body, 'SIGUSR1');
    await waitUntil(() => existsSync(log) && readFileSync(log, 'utf8').includes('saved'), 'the first checkpoint');
    const lines = () => readFileSync(metrics, 'utf8').trim().split('\n').length;
    const then = lines();
    await waitUntil(() => lines() > then + 3, 'that it goes on');
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(130);
    const [, saved] = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[1]));
    // Each line was on disk at once: what was logged before the end is all there.
    expect(saved).toBe(lines());
    expect(JSON.parse(rig.read('logs/1/progress.json'))).toEqual({ done: saved, total: 1000000, attempt: 1 });
    expect(JSON.parse((await rig.mlx('show', '1', '--json')).stdout)).toMatchObject({ status: 'STOPPED' });
  });

  test('gives each task of an array its slice, and the whole list without one', () => {
    const slices = fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (tasks, size) => {
        const script = `import mlxrun, os, json
tasks = json.loads(os.environ["TASKS"])
print(json.dumps(mlxrun.slice_tasks(tasks)))
parts = []
for first in range(1, len(tasks) + 1, ${size}):
    os.environ["TASK_INDEX"], os.environ["TASK_STEPSIZE"] = str(first), "${size}"
    parts += mlxrun.slice_tasks(tasks)
print(json.dumps(parts))`;
        const [whole, parts] = python(script, { env: { TASKS: JSON.stringify(tasks) } })
          .trim()
          .split('\n');
        expect([JSON.parse(whole ?? ''), JSON.parse(parts ?? '')]).toEqual([tasks, tasks]);
      },
    );
    fc.assert(slices, { numRuns: 10 });
  });

  test('a line that an attempt was killed in does not swallow the next one', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-client-'));
    mkdirSync(join(directory, 'metrics'));
    writeFileSync(join(directory, 'metrics/train.json'), '{"a": 1}\n{"a": 2, "_att');
    python('import mlxrun; mlxrun.start().log_metrics({"a": 3})', { env: { MLX_LOG_DIR: directory } });
    expect(readFileSync(join(directory, 'metrics/train.json'), 'utf8')).toBe(
      '{"a": 1}\n{"a": 2, "_att\n{"a": 3, "_attempt": 1}\n',
    );
  });
});

test('the Iris example learns', async () => {
  const rig = makeRig();
  const { exitCode } = await rig.mlx('run', example, 'optimizer.lr=0.1', 'epochs=100', '-q');
  expect(exitCode).toBe(0);
  const last = JSON.parse(
    readFileSync(join(rig.directory, 'logs/1/metrics/test.json'), 'utf8').trim().split('\n').at(-1) ?? '',
  );
  expect(last.accuracy).toBeGreaterThan(0.85);
});
