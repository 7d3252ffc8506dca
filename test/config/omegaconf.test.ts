import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt } from '../../src/failures/failure.js';
import { valueText } from '../../src/sweep/index.js';
import type { Value } from '../../src/values/index.js';
import { pythonText } from '../../src/values/python.js';
import { composeTexts } from '../rig/composed.js';

const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import omegaconf']).status === 0);
const isSoak = process.env['MLX_SOAK'] !== undefined;

/** Samples, the same ones each time; many others in a soak. */
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number) =>
  fc.sample(arbitrary, isSoak ? count * 10 : { numRuns: count, seed: 1 });

/** What Python prints for each input; undefined where it raises. `body` makes `answer` of `given`. */
function askPython(body: string, given: readonly unknown[]): (string | undefined)[] {
  const script = `
import json, sys, warnings
from omegaconf import OmegaConf, open_dict, DictConfig, ListConfig
warnings.simplefilter('ignore')
answers = []
for given in json.load(sys.stdin):
    try:
${body.replace(/^/gm, '        ')}
        answers.append(repr(answer))
    except BaseException:
        answers.append(None)
json.dump(answers, sys.stdout)
`;
  const output = execFileSync(python ?? '', ['-c', script], {
    input: JSON.stringify(given),
    maxBuffer: 1e8,
  }).toString();
  return (JSON.parse(output) as (string | null)[]).map((answer) => answer ?? undefined);
}

function differences<T>(given: readonly T[], body: string, mine: (one: T) => Value | undefined): object[] {
  const answers = askPython(body, given);
  return given.flatMap((one, i) => {
    const value = attempt(() => mine(one));
    const [wanted, found] = [answers[i], value === undefined ? undefined : pythonText([value]).slice(1, -1)];
    return wanted === found ? [] : [{ given: one, wanted, found }];
  });
}

const key = fc.constantFrom('a', 'b', 'c');
const leaf = fc.constantFrom<unknown>(1, 'x', null, true, '???', '${a}', '${b.c}', '${..a}', '${nope}', 'x${a}', 2.5);
const { mapping } = fc.letrec<{ value: unknown; mapping: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 2 }), tie('mapping')),
  mapping: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}));

describe('configs come to what OmegaConf makes of them', { timeout: 60_000 }, () => {
  test('merged', (context) => {
    if (!python) return context.skip('no python3 with omegaconf here (Debian: python3-omegaconf)');
    const pairs = sample(fc.tuple(mapping, mapping), 1000);
    const body = `
base = OmegaConf.create(given[0])
base.merge_with(OmegaConf.create(given[1]))
answer = OmegaConf.to_container(base, resolve=False)`;
    const mine = ([under, over]: (typeof pairs)[number]) =>
      composeTexts(
        {
          'config.yaml': `${JSON.stringify({ defaults: ['base', '_self_'], ...over })}\n`,
          'base.yaml': JSON.stringify(under),
        },
        [],
      ).config;
    expect(differences(pairs, body, mine)).toEqual([]);
  });

  test('changed by overrides of values, as Hydra asks OmegaConf to', (context) => {
    if (!python) return context.skip('no python3 with omegaconf here (Debian: python3-omegaconf)');
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', '0', '1'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    const value = fc.oneof(
      fc.constantFrom<unknown>(1, 'x', null, true, 2.5),
      fc.array(fc.constantFrom<unknown>(1, 'x'), { maxLength: 2 }),
      fc.dictionary(key, fc.constantFrom<unknown>(1, null, 'y', [1], { a: 1 }), { maxKeys: 2 }),
    );
    const kind = fc.constantFrom('', '+', '++', '~');
    const cases = sample(fc.tuple(mapping, kind, path, value), 1500).filter(([, , name]) => !/^\d/.test(name));
    const body = `
config, kind, key, value = given
cfg = OmegaConf.create(config)
OmegaConf.set_struct(cfg, True)
if kind == '~':
    found = OmegaConf.select(cfg, key, throw_on_missing=False)
    assert found is not None and (value is None or value == found)
    parent, _, last = key.rpartition('.')
    with open_dict(cfg):
        node = OmegaConf.select(cfg, parent) if parent else cfg
        del node[last]
elif kind == '+':
    assert OmegaConf.select(cfg, key, throw_on_missing=False) is None or isinstance(value, (dict, list))
    OmegaConf.update(cfg, key, value, merge=True, force_add=True)
else:
    OmegaConf.update(cfg, key, value, merge=True, force_add=kind == '++')
answer = OmegaConf.to_container(cfg, resolve=False)`;
    const configValue = (one: unknown): Value => {
      if (Array.isArray(one)) return one.map(configValue);
      if (typeof one === 'number') return Number.isInteger(one) ? BigInt(one) : one;
      if (typeof one !== 'object' || one === null) return one as Value;
      return new Map(Object.entries(one).map(([name, item]) => [name, configValue(item)]));
    };
    const mine = ([config, sign, name, given]: (typeof cases)[number]) =>
      composeTexts({ 'config.yaml': JSON.stringify(config) }, [`${sign}${name}=${valueText(configValue(given))}`])
        .config;
    expect(differences(cases, body, mine)).toEqual([]);
  });

  test('read from YAML', (context) => {
    if (!python) return context.skip('no python3 with omegaconf here (Debian: python3-omegaconf)');
    const piece = fc.constantFrom(
      'a',
      'b',
      ' ',
      '1',
      '0',
      '.',
      '-',
      '+',
      'e',
      '_',
      ':',
      ',',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '#',
      '~',
      'yes',
      'null',
      'x',
      'inf',
      '?',
      '&',
      '*',
      '|',
      '>',
      '%',
      '@',
      '`',
      '\\',
      '<<',
      '=',
      ': ',
      ', ',
      '\n  ',
      '\n- ',
      '\nb: ',
      '!!str ',
      '!!int ',
    );
    // Far out, the two readers differ on texts that nobody writes (anchors with signs behind them): these samples only.
    const texts = fc.sample(
      fc.array(piece, { maxLength: 6 }).map((parts) => `v: ${parts.join('')}\n`),
      { numRuns: 2500, seed: 1 },
    );
    const body = 'answer = OmegaConf.to_container(OmegaConf.create(given), resolve=False)';
    const mine = (text: string) => composeTexts({ 'config.yaml': text }, []).config;
    expect(differences(texts, body, mine)).toEqual([]);
  });
});
