import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configAt } from '../../src/config/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { defaultSettings, findSettingsFile, loadSettings } from '../../src/settings/index.js';
import { parseOverride, plainOverride, pointAt, sweepOf } from '../../src/sweep/index.js';
import type { Value } from '../../src/values/index.js';
import { formatYaml, parseYaml } from '../../src/values/yaml.js';
import { composerOfTexts, composeTexts } from '../rig/composed.js';

const read = (text: string) => parseYaml({ name: 'config.yaml', text }).value;

function failureText(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MlxError) return renderFailure(error.failure).text;
    throw error;
  }
  return 'no error';
}

function apply(yaml: string, ...words: string[]): string {
  return formatYaml(composeTexts({ 'config.yaml': yaml }, words).config);
}

describe('YAML', () => {
  test('scalars are typed as OmegaConf types them', () => {
    const text =
      '[1, 1.0, 1e3, 1.e2, .5, yes, off, y, ~, null, 010, 0x1F, 1:30, .inf, -.INF, .nan, nan, 1_000, 2020-01-01, "1", +.5]';
    expect(read(text)).toEqual([
      1n,
      1,
      1000,
      100,
      0.5,
      true,
      false,
      'y',
      null,
      null,
      8n,
      31n,
      90n,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      'nan',
      1000n,
      '2020-01-01',
      '1',
      '+.5',
    ]);
  });

  const leaf = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'yes',
      'on',
      'y',
      'null',
      '~',
      '1e-3',
      '010',
      '12:30',
      '=',
      '<<',
      '0x1F',
      '2020-01-01',
      '.inf',
      '- a',
      'a: b',
      '#',
    ),
    fc.double(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value;

  test('what mlx writes it reads back', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(read(formatYaml(one))).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  const readers = {
    PyYAML: ['python3-yaml', 'import yaml', 'yaml.safe_load(text)'],
    OmegaConf: [
      'python3-omegaconf',
      'from omegaconf import OmegaConf',
      'OmegaConf.to_container(OmegaConf.create(text), resolve=False)',
    ],
  } as const;

  test.for(Object.entries(readers))('what mlx writes %s reads as the same', ([, [debian, load, read]], context) => {
    const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', load]).status === 0);
    if (!python) return context.skip(`no python3 with it here (Debian: ${debian})`);
    const samples = fc
      .sample(value, 300)
      // OmegaConf takes `${` for its own; a config that holds it was read from one that did.
      .filter((one) => isPortable(one) && !pythonLiteral(one).includes('${'))
      .map((one): Value => new Map([['value', one]]));
    const run = (script: string, texts: readonly string[]) =>
      execFileSync(python, ['-c', script], { input: JSON.stringify(texts), maxBuffer: 1e8 }).toString();
    const print = (expression: string) =>
      `import ast,json,sys\n${load}\nfor text in json.load(sys.stdin): print(repr(${expression}).encode("unicode_escape").decode())`;
    const output = run(print(read), samples.map(formatYaml));
    expect(output).toBe(run(print('eval(text)'), samples.map(pythonLiteral)));
  });

  // PyYAML can't hold lone surrogates.
  function isPortable(one: Value): boolean {
    return (
      JSON.stringify([pythonLiteral(one)]).isWellFormed() &&
      !/[\ud800-\udfff]/.test(pythonLiteral(one).replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
    );
  }

  function pythonLiteral(one: Value): string {
    if (one === null) return 'None';
    if (typeof one === 'boolean') return one ? 'True' : 'False';
    if (typeof one === 'bigint') return String(one);
    if (typeof one === 'number') return `float("${Object.is(one, -0) ? '-0.0' : String(one)}")`;
    if (typeof one === 'string') return JSON.stringify(one).replace(/[\u007f-\uffff]/g, (c) => c);
    if (Array.isArray(one)) return `[${one.map(pythonLiteral).join(',')}]`;
    return `{${[...(one as ReadonlyMap<string, Value>)].map(([k, v]) => `${pythonLiteral(k)}:${pythonLiteral(v)}`).join(',')}}`;
  }

  test('broken YAML is told with line, column and excerpt', () => {
    expect(failureText(() => read('a: 1\nb: [1, 2\nc: 3\n'))).toContain('config.yaml:3:1');
    expect(failureText(() => read('a: 1\na: 2\n'))).toBe(`mlx: 'config.yaml' is not valid YAML
  config.yaml:2:1
    2 | a: 2
        ^ map keys must be unique
  mend it there
`);
  });

  test('an alias bomb is refused', () => {
    const bomb = [
      'a0: &a0 [x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
    ];
    expect(failureText(() => read(bomb.join('\n')))).toContain('not valid YAML');
  });
});

describe('overrides applied to a config', () => {
  const config = 'seed: 0\noptimizer:\n  lr: 0.1\n  betas: [0.9, 0.99]\nname: x\n';

  test('change, add, set and delete do what Hydra does', () => {
    expect(apply(config, 'optimizer.lr=1e-3', '+new.key=[a,b]', '++seed=7', '~name', 'optimizer.betas.1=0.5')).toBe(
      'seed: 7\noptimizer:\n  lr: 0.001\n  betas:\n    - 0.9\n    - 0.5\nnew:\n  key:\n    - a\n    - b\n',
    );
  });

  test('a dict merges into a dict, a list replaces, a scalar replaces', () => {
    expect(apply(config, 'optimizer={lr: 1.0}')).toContain('  lr: 1.0\n  betas:');
    expect(apply(config, 'optimizer={}')).toBe(apply(config));
    expect(apply(config, 'optimizer.betas=[]', 'optimizer=3')).toContain('optimizer: 3\n');
  });

  test('the base is left as it is', () => {
    const composer = composerOfTexts({ 'config.yaml': config });
    const before = formatYaml(composer.compose([]).config);
    composer.compose([plainOverride(parseOverride('optimizer.lr=9'))]);
    expect(formatYaml(composer.compose([]).config)).toBe(before);
  });

  const mistakes: Record<string, string> = {
    'optimizer.lrr=1': `mlx: 'config.yaml' has no key 'optimizer.lrr', did you mean 'optimizer.lr'?
    optimizer.lrr=1
    ^^^^^^^^^^^^^
  a new key is added with +optimizer.lrr=1
`,
    'lr=1': `mlx: 'config.yaml' has no key 'lr', did you mean 'optimizer.lr'?
    lr=1
    ^^
  a new key is added with +lr=1
`,
    '+seed=1': `mlx: 'config.yaml' has the key 'seed' already
    +seed=1
     ^^^^
  leave out the + to change it, or write ++seed= to set it either way
`,
    'seed.x=1': `mlx: 'config.yaml' has no key 'seed.x'
    seed.x=1
    ^^^^^^
  a new key is added with +seed.x=1
`,
    'optimizer.betas.7=1': `mlx: can't go into 'optimizer.betas.7': 'optimizer.betas' is no mapping, or a list without that index
    optimizer.betas.7=1
    ^^^^^^^^^^^^^^^^^
  check the path
`,
    '~nothing': `mlx: 'config.yaml' has nothing at 'nothing' to be deleted
    ~nothing
     ^^^^^^^
  leave it out, or check the key
`,
    '~optimizer.lrr': `mlx: 'config.yaml' has nothing at 'optimizer.lrr' to be deleted, did you mean 'optimizer.lr'?
    ~optimizer.lrr
     ^^^^^^^^^^^^^
  leave it out, or check the key
`,
    '~seed=5': `mlx: 'seed' is '0' in 'config.yaml', not what is to be deleted
    ~seed=5
     ^^^^
  ~seed deletes it whatever it is
`,
    'db@pkg=x': `mlx: 'db' is no config group, so it has no package
    db@pkg=x
    ^^^^^^
  leave out the @ to change a value; a program whose config Python makes runs with --no-config: overrides then pass through unchecked
`,
  };
  test.for(Object.entries(mistakes))('%s is told with its place', ([word, text]) => {
    expect(failureText(() => apply(config, word))).toBe(text);
  });

  test('a program whose config is not known gets any value as it is', () => {
    const words = ["open='${'", 'nothing=${nope}', 'none={null: 1}'];
    const overrides = pointAt(sweepOf({ overrides: words.map((word) => parseOverride(word)) }), 0).overrides;
    expect(formatYaml(configAt({ kind: 'overrides-only' }, overrides))).toBe(
      'open: ${\nnothing: ${nope}\nnone:\n  null: 1\n',
    );
  });

  test('keys of prototypes change no object', () => {
    const words = [
      '__proto__.polluted=1',
      'constructor.prototype.polluted=1',
      'a={__proto__: {polluted: 1}}',
      'toString=1',
    ];
    const overrides = pointAt(sweepOf({ overrides: words.map((word) => parseOverride(word)) }), 0).overrides;
    const config = configAt({ kind: 'overrides-only' }, overrides);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(formatYaml(config)).toContain('__proto__:\n  polluted: 1\n');
    expect(read(formatYaml(config))).toEqual(config);
  });
});

describe('settings', () => {
  function project(files: Record<string, string>): string {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-settings-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  }

  const load = (cwd: string, words: string[] = [], flags = {}) =>
    loadSettings({ cwd, file: findSettingsFile(cwd), overrides: words.map((word) => parseOverride(word)), flags });

  test('flags go over overrides over the file over defaults', async () => {
    const directory = project({
      'configs/mlx.yaml': 'logger: {parent_log_dir: ./a}\ngrace: 1\nmax_runs: 5\n',
      'sub/x': '',
    });
    const settings = await load(join(directory, 'sub'), ['mlxpy.grace=2', '+mlx.max_runs=6'], { max_runs: 7 });
    expect(settings).toMatchObject({ grace: 2, max_runs: 7, use_scheduler: false });
    expect(settings.logger.parent_log_dir).toBe(join(directory, 'a'));
    const typed = await load(join(directory, 'sub'), ['mlxp.logger.parent_log_dir=b']);
    expect(typed.logger).toMatchObject({ parent_log_dir: join(directory, 'sub', 'b'), forced_log_id: -1 });
  });

  test('the file of the MLXP guide is read', async () => {
    const directory = project({
      'configs/mlxpy.yaml':
        "logger:\n  parent_log_dir: ./logs\nscheduler:\n  name: OARScheduler\n  shell_path: '/bin/bash'\n  shell_config_cmd: ''\n  env_cmd: ''\n  cleanup_cmd: ''\n  option_cmd: []\nversion_manager:\n  name: GitVM\n",
    });
    expect((await load(directory)).scheduler.name).toBe('OARScheduler');
  });

  test('a mistake is told with its place', async () => {
    const directory = project({ 'configs/mlx.yaml': 'use_scheduler: true\nlogger:\n  parent_log_dirr: x\n' });
    const error: unknown = await load(directory).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MlxError);
    const { failure } = error as MlxError;
    expect(
      renderFailure(failure).text.replaceAll(directory, ''),
    ).toBe(`mlx: unknown setting 'logger.parent_log_dirr', did you mean 'parent_log_dir'?
  /configs/mlx.yaml:3:3
    3 |   parent_log_dirr: x
          ^^^^^^^^^^^^^^^
  configs/mlx.yaml in the package lists all settings
`);
    const empty = project({});
    await expect(load(empty, ['mlx.grace=soon'])).rejects.toMatchObject({
      failure: { reason: 'bad-setting', key: 'grace' },
    });
    await expect(load(empty, ['mlx.grace=1,2'])).rejects.toMatchObject({ failure: { reason: 'sweep-not-allowed' } });
    await expect(load(empty, ['mlx.nonsense=1'])).rejects.toMatchObject({ failure: { reason: 'unknown-setting' } });
  });

  test('the shipped configs/mlx.yaml says the defaults', async () => {
    const shipped = new URL('../../configs/mlx.yaml', import.meta.url).pathname;
    const cwd = project({});
    const settings = await loadSettings({ cwd, file: { path: shipped, ignored: [] }, overrides: [], flags: {} });
    const root = new URL('../..', import.meta.url).pathname;
    expect(JSON.parse(JSON.stringify(settings).replaceAll(root, './'))).toEqual(defaultSettings);
  });
});
