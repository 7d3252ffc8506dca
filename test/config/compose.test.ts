import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configParts, originsOf } from '../../src/config/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { canonicalToken, parseOverride, plainOverride } from '../../src/sweep/index.js';
import { formatYaml } from '../../src/values/yaml.js';
import { type ConfigTexts, composerOfTexts, composeTexts } from '../rig/composed.js';

const project: ConfigTexts = {
  'config.yaml': `defaults:
  - data: moons
  - model: mlp
  - optimizer@opt: sgd
  - _self_
  - optional extra: \${model}
  - experiment: null
seed: 0
name: \${model.name}_\${seed}
layers: [1, 2]
`,
  'data/moons.yaml': 'points: 200\nnoise: 0.1\n',
  'data/rings.yaml': 'defaults:\n  - moons\n  - _self_\nnoise: 0.2\n',
  'model/mlp.yaml': 'name: mlp\nwidth: 8\n',
  'model/cnn.yaml': 'defaults:\n  - head: small\nname: cnn\nkernel: [3, 3]\n',
  'model/head/small.yaml': 'units: 10\n',
  'model/head/large.yaml': 'units: 100\ndropout: ???\n',
  'optimizer/sgd.yaml': 'lr: 0.1\n',
  'optimizer/adam.yaml': 'lr: 1e-3\nbetas: [0.9, 0.999]\n',
  'extra/cnn.yaml': '# @package _global_\naugment: true\n',
  'experiment/wide.yaml': '# @package _global_\ndefaults:\n  - override /model: cnn\nmodel: {width: 32}\n',
};

const words = fc.subarray(
  [
    'data=rings',
    'model=cnn',
    'model/head=large',
    'optimizer@opt=adam',
    'experiment=wide',
    '~data',
    'seed=7',
    'opt.lr=1e-4',
    '+model.deep={a: {b: [1, null, "x y"]}}',
    '++seed=3',
    '~layers',
    'layers.0=9',
    '+name2=${seed}-x',
    'name=choice_1',
    '+optimizer@second=sgd',
  ],
  { maxLength: 6 },
);

/** The config of words, or what is wrong with them. */
function told(given: readonly string[]): string {
  try {
    return formatYaml(composeTexts(project, given).config);
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    return renderFailure(error.failure).text;
  }
}

describe('composing', () => {
  test('gives the same for the same words, whatever was composed before', () => {
    const composer = composerOfTexts(project);
    fc.assert(
      fc.property(words, (given) => {
        const plain = given.map((word) => plainOverride(parseOverride(word)));
        let again: string;
        try {
          again = formatYaml(composer.compose(plain).config);
        } catch (error) {
          if (!(error instanceof MlxError)) throw error;
          again = renderFailure(error.failure).text;
        }
        expect(again).toBe(told(given));
      }),
      { numRuns: 300 },
    );
  });

  test('gives the same for overrides in canonical spelling', () => {
    fc.assert(
      fc.property(words, (given) => {
        const canonical = given.map((word) => canonicalToken(plainOverride(parseOverride(word))));
        if (told(given).startsWith('mlx: ')) expect(told(canonical)).toMatch(/^mlx: /);
        else expect(told(canonical)).toBe(told(given));
      }),
      { numRuns: 300 },
    );
  });

  test('knows for each value the place that it comes from', () => {
    fc.assert(
      fc.property(words, (given) => {
        if (told(given).startsWith('mlx: ')) return;
        const plain = given.map((word) => plainOverride(parseOverride(word)));
        const { config, tree } = composerOfTexts(project).compose(plain);
        for (const { key, span } of originsOf(config, configParts(tree), plain)) {
          const { source, offset, length } = span;
          // The key's own name stands there, or an item of a list, or the whole override.
          const text = source.text.slice(offset, offset + length);
          const isThere = /\.\d+$/.test(key) ? text !== '' : text.includes(key.split('.').at(-1) ?? '');
          expect(isThere || given.includes(text), `${key}: ${text}`).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('inheritance between configs', () => {
  test('_base_ puts files under a config, the first on top; _inherit_ puts mappings under mappings', () => {
    const files = {
      'config.yaml':
        '_base_: [gpu.yaml, base.yaml]\nepochs: 5\nbig: {_inherit_: ["${small}", "${extra}"], width: 64}\n',
      'gpu.yaml': 'device: cuda\nepochs: 3\n',
      'base.yaml': '_base_: ${oc.env:WHERE}/root.yaml\ndevice: cpu\nepochs: 1\nsmall: {width: 8, depth: 2}\n',
      'shared/root.yaml': 'extra: {depth: 9, bias: true}\nseed: 0\n',
    };
    const { config } = composeTexts(files, ['seed=4'], { env: { WHERE: 'shared' } });
    expect(formatYaml(config)).toBe(`extra:
  depth: 9
  bias: true
seed: 4
device: cuda
epochs: 5
small:
  width: 8
  depth: 2
big:
  depth: 2
  bias: true
  width: 64
`);
  });

  test('goes through what is inherited in turn, and refuses circles', () => {
    const files = { 'config.yaml': 'a: {x: 1}\nb: {_inherit_: "${a}", y: 2}\nc: [{_inherit_: "${b}", z: 3}]\n' };
    expect(formatYaml(composeTexts(files, []).config)).toContain('c:\n  - x: 1\n    "y": 2\n    z: 3\n');
    const circle = { 'config.yaml': 'a: {_inherit_: "${b}"}\nb: {_inherit_: "${a}"}\n' };
    expect(() => composeTexts(circle, [])).toThrow(MlxError);
  });

  test('is not for configs with a defaults list, where Hydra takes the words as keys', () => {
    const files = { 'config.yaml': 'defaults: [_self_]\n_base_: x.yaml\na: {_inherit_: b}\n' };
    expect(formatYaml(composeTexts(files, []).config)).toBe('_base_: x.yaml\na:\n  _inherit_: b\n');
  });
});

describe('what is wrong with a config is told with file, line and column', () => {
  const cases: readonly (readonly [what: string, files: ConfigTexts, words: readonly string[], text: string])[] = [
    [
      'an option that is not there, in a list',
      { ...project, 'config.yaml': 'defaults:\n  - model: mpl\n' },
      [],
      `mlx: the config group 'model' has no option 'mpl', did you mean 'mlp'?
  config.yaml:2:5
    2 |   - model: mpl
            ^^^^^^^^^^
  it has cnn, mlp
`,
    ],
    [
      'an option that is not there, of the command line',
      project,
      ['model=mpl'],
      `mlx: the config group 'model' has no option 'mpl', did you mean 'mlp'?
    model=mpl
    ^^^^^^^^^
  it has cnn, mlp
`,
    ],
    [
      'a group without an option yet',
      { ...project, 'config.yaml': 'defaults:\n  - optimizer: ???\n' },
      [],
      `mlx: the config group 'optimizer' has no option yet
  config.yaml:2:5
    2 |   - optimizer: ???
            ^^^^^^^^^^^^^^
  give one: optimizer=adam, optimizer=sgd
`,
    ],
    [
      'a group that no list has',
      project,
      ['optimizer=adam'],
      `mlx: no defaults list has the config group 'optimizer', so that there is nothing to override
    optimizer=adam
    ^^^^^^^^^^^^^^
  did you mean 'optimizer@opt'? +optimizer=adam adds it
`,
    ],
    [
      'a group that is added to one that is there',
      project,
      ['+model=cnn'],
      `mlx: the config group 'model' is given twice: it has the option 'mlp' already
    +model=cnn
    ^^^^^^^^^^
  leave out the + of an override; in a defaults list write override model: OPTION
`,
    ],
    [
      'an override in a list that comes too late',
      { ...project, 'config.yaml': 'defaults:\n  - experiment: wide\n  - model: mlp\n' },
      [],
      `mlx: no defaults list has the config group 'model', so that there is nothing to override
  experiment/wide.yaml:3:5
    3 |   - override /model: cnn
            ^^^^^^^^^^^^^^^^^^^^
  did you mean 'model'?
`,
    ],
    [
      'a defaults list that is none',
      { 'config.yaml': 'defaults: {model: mlp}\n' },
      [],
      `mlx: the defaults list 'config.yaml' is not right
  config.yaml:1:1
    1 | defaults: {model: mlp}
        ^^^^^^^^ a defaults list is a list: its items start with -
`,
    ],
    [
      'a keyword that is none',
      { ...project, 'config.yaml': 'defaults:\n  - overide model: cnn\n' },
      [],
      `mlx: the defaults list 'config.yaml' is not right
  config.yaml:2:5
    2 |   - overide model: cnn
            ^^^^^^^^^^^^^^^^^^ 'overide' is no keyword, did you mean 'override'?
`,
    ],
    [
      'a mapping where a list was',
      {
        ...project,
        'config.yaml': 'defaults:\n  - base\n  - _self_\nlayers:\n  first: 1\n',
        'base.yaml': 'layers: [1]\n',
      },
      [],
      `mlx: 'layers' is a mapping in one place and a list in the other, which can't be merged
  config.yaml:4:1
    4 | layers:
        ^^^^^^
  rename one of them, or set it to null first
`,
    ],
    [
      'an interpolation without an end',
      { 'config.yaml': 'a: 1\nb:\n  c: x${a\n' },
      [],
      `mlx: can't read the interpolation in 'config.yaml'
  config.yaml:3:3
    3 |   c: x\${a
          ^ expected '}'
  \\\${ stands for a plain \${
`,
    ],
    [
      'an interpolation of the command line that stands for nothing',
      project,
      ['name=${sede}'],
      `mlx: '\${sede}' stands for nothing: there is no sede, did you mean 'seed'?
    name=\${sede}
    ^^^^^^^^^^^^
  \\\${ stands for a plain \${
`,
    ],
    [
      'a key of Hydra that it does not have',
      { 'config.yaml': 'a: 1\nhydra:\n  run:\n    dirr: x\n' },
      [],
      `mlx: the config 'config.yaml' is not right
  config.yaml:4:5
    4 |     dirr: x
            ^^^^ Hydra's own config has no hydra.run.dirr; it has dir
`,
    ],
    [
      'a header of too many words',
      { 'config.yaml': 'defaults: [g: a]\n', 'g/a.yaml': '\n# @package a b\nx: 1\n' },
      [],
      `mlx: the defaults list 'g/a.yaml' is not right
  g/a.yaml:2:1
    2 | # @package a b
        ^^^^^^^^^^^^^^ a header is one word and its value: # @package VALUE
`,
    ],
  ];
  test.for(cases)('%s', ([, files, given, text]) => {
    let message = 'no error';
    try {
      composeTexts(files, given);
    } catch (error) {
      if (!(error instanceof MlxError)) throw error;
      message = renderFailure(error.failure).text;
    }
    expect(message).toBe(text);
  });
});
