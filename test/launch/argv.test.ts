import { describe, expect, test } from 'vitest';
import { configAt } from '../../src/config/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { type ArgsStyle, argvOf, argvTemplateOf, type Preset } from '../../src/launch/index.js';
import { parseOverride, pointAt, sweepOf } from '../../src/sweep/index.js';
import type { Mapping } from '../../src/values/index.js';
import { parseYaml } from '../../src/values/yaml.js';
import { composeTexts } from '../rig/composed.js';

interface Case {
  readonly argv?: string[];
  readonly words?: string[];
  readonly style?: ArgsStyle;
  readonly preset?: Preset;
  readonly config?: string;
  readonly directory?: string;
}

function argv({
  argv = ['prog'],
  words = [],
  style = 'overrides',
  preset,
  config,
  directory = '/l/5',
}: Case): string[] {
  const sweep = sweepOf({ overrides: words.map((word) => parseOverride(word)) });
  const mapping = (config === undefined ? new Map() : parseYaml({ name: 'c', text: config }).value) as Mapping;
  const reach = argvTemplateOf({ argv, style, preset }, sweep, mapping);
  const { overrides } = pointAt(sweep, 0);
  const at =
    config === undefined
      ? configAt({ kind: 'overrides-only' }, overrides)
      : composeTexts({ 'config.yaml': config }, words).config;
  return argvOf(reach, overrides, at, { id: 5, directory, store: '/l' });
}

describe('a point reaches the program', () => {
  test('as the words that were typed, behind its own arguments', () => {
    const words = ['lr=10.,1', "+name='a b'", '~x', 'y={a: 1}'];
    expect(argv({ argv: ['python', 'main.py', '--epochs', '1e3'], words })).toEqual([
      'python',
      'main.py',
      '--epochs',
      '1e3',
      'lr=10.',
      "+name='a b'",
      '~x',
      'y={a: 1}',
    ]);
  });

  test("in Hydra's spelling", () => {
    expect(argv({ words: ['lr=10.', 't=true', 's=a b'], style: 'canonical' })).toEqual([
      'prog',
      'lr=10.0',
      't=True',
      's=a\\ b',
    ]);
  });

  test('as flags without quotes', () => {
    expect(argv({ words: ['lr=10.', "name='a b'", '+z=[1,2]', 'e='], style: 'flags' })).toEqual([
      'prog',
      '--lr=10.',
      '--name=a b',
      '--z=[1,2]',
      '--e=',
    ]);
    expect(() => argv({ words: ['~x'], style: 'flags' })).toThrow(MlxError);
  });

  test('not at all', () => {
    expect(argv({ words: ['lr=1,2'], style: 'none' })).toEqual(['prog']);
  });

  test('in place of {key}, other braces left alone', () => {
    expect(
      argv({
        argv: [
          'sim',
          '--seed={seed}',
          '{log_dir}/out-{log_id}.csv',
          '{n.m}',
          '{other}',
          '${HOME}',
          '{"j": 1}',
          '{seed}{seed}',
        ],
        words: ["seed='a b',2"],
        config: 'seed: 0\nn: {m: 0.5}\n',
      }),
    ).toEqual(['sim', '--seed=a b', '/l/5/out-5.csv', '0.5', '{other}', '${HOME}', '{"j": 1}', 'a ba b']);
  });

  test('but a swept key that no placeholder takes is an error', () => {
    expect(() => argv({ argv: ['sim', '{seed}'], words: ['seed=1,2', 'lr=1,2'] })).toThrow('swept-key-unused');
    expect(argv({ argv: ['sim', '{seed}'], words: ['seed=1,2', 'lr=1'] })).toEqual(['sim', '1']);
  });

  test('but never a word that no program can be given', () => {
    expect(() => argv({ argv: ['sim', '{name}'], config: 'name: "a\\0b"\n' })).toThrow('unreadable-argument');
    expect(() => argv({ argv: ['sim', '{name}'], config: 'name: "\\ud800"\n' })).toThrow('unreadable-argument');
  });

  test('with the run directory, for programs that keep records of their own', () => {
    expect(argv({ words: ['a=1'], preset: 'hydra' })).toEqual(['prog', 'a=1', 'hydra.run.dir=/l/5']);
    const odd = argv({ preset: 'hydra', directory: "/it's; \\here\\/5" }).at(-1) ?? '';
    expect(parseOverride(odd).value).toMatchObject({ kind: 'quoted', value: "/it's; \\here\\/5" });
    expect(argv({ preset: 'mlxp' })).toEqual([
      'prog',
      '+mlxp.logger.forced_log_id=5',
      '+mlxp.logger.parent_log_dir=/l',
      '+mlxp.use_scheduler=False',
      '+mlxp.use_version_manager=False',
    ]);
  });
});
