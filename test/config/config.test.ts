import { describe, expect, test } from 'vitest';
import { configAt } from '../../src/config/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { parseOverride, plainOverride, pointAt, sweepOf } from '../../src/sweep/index.js';
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
