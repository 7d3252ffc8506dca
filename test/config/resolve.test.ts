import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt } from '../../src/failures/failure.js';
import { pythonText } from '../../src/values/python.js';
import { composeTexts } from '../rig/composed.js';

const config = `a: 1
b: two
ref: a
path: m.k
yes: true
f: 1.0e-05
m: {k: {v: deep, w: "\${...a}", x: "\${.v}/\${b}"}}
l: [10, "\${.0}", {q: "\${..0}"}]
nul: null
miss: ???
`;

/** The value of `t`, as Python prints it; undefined where it is refused. */
function resolved(text: string): string | undefined {
  return attempt(() => {
    const { resolver } = composeTexts({ 'config.yaml': `${config}t: ${JSON.stringify(text)}\n` }, [], {
      env: { E: 'ev', N: '7' },
    });
    const all = resolver().all();
    return pythonText([all.get('t') ?? null]);
  });
}

const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import omegaconf']).status === 0);

const script = `
import json, os, sys, warnings
from omegaconf import OmegaConf
warnings.simplefilter('ignore')
os.environ['E'], os.environ['N'] = 'ev', '7'
os.environ.pop('NOPE', None)
base, texts = json.load(sys.stdin)
answers = []
for text in texts:
    try:
        config = OmegaConf.create(base + 't: ' + json.dumps(text) + '\\n')
        answers.append(repr([OmegaConf.to_container(config, resolve=True)['t']]))
    except BaseException:
        answers.append(None)
json.dump(answers, sys.stdout)
`;

const key = fc.constantFrom(
  'a',
  'b',
  'ref',
  'm',
  'm.k',
  'm.k.v',
  'm.k.w',
  'm[k].x',
  'l',
  'l.0',
  'l[1]',
  'l.2.q',
  'nul',
  'miss',
  'nope',
  'yes',
  'f',
  '.a',
  '..a',
  'path',
  'a.b',
  'l.x',
);
const plain = fc.constantFrom(
  '',
  'x',
  ' ',
  '-',
  ':',
  'a b',
  '\\',
  '\\\\',
  '$',
  '}',
  '{',
  "'",
  '"',
  '[',
  ']',
  ',',
  '1',
  '1e3',
  'null',
  'True',
  '.5',
  '007',
  '_',
  '/',
  '\\,',
  '\\ ',
);
const { text, element } = fc.letrec<{ interpolation: string; text: string; element: string }>((tie) => ({
  interpolation: fc.oneof(
    { depthSize: 'small' },
    key.map((name) => `\${${name}}`),
    fc
      .tuple(fc.constantFrom('oc.env:E', 'oc.env:NOPE', 'oc.env:N', 'oc.select:nope', 'oc.select:a'), tie('element'))
      .map(([call, given]) => `\${${call},${given}}`),
    fc
      .tuple(fc.constantFrom('oc.decode', 'oc.create', 'oc.select', 'oc.dict.keys', 'oc.dict.values'), tie('element'))
      .map(([name, given]) => `\${${name}:${given}}`),
    tie('interpolation').map((inner) => `\${${inner}}`),
  ),
  text: fc
    .array(fc.oneof({ weight: 2, arbitrary: tie('interpolation') }, { weight: 1, arbitrary: plain }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join('')),
  element: fc.oneof(
    { depthSize: 'small' },
    plain,
    tie('interpolation'),
    tie('text'),
    tie('text').map((inner) => `'${inner.replaceAll("'", "\\'")}'`),
    tie('text').map((inner) => `"${inner.replaceAll('"', '\\"')}"`),
    fc.array(tie('element'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(tie('element'), { maxLength: 2 })
      .map((items) => `{${items.map((item, i) => `k${i}: ${item}`).join(',')}}`),
  ),
}));

// Where OmegaConf itself comes to odd ends: keys with half a bracket.
const odd = /oc\.(?:select|dict\.\w+):[^}]*[[\]]/;

describe('interpolations', () => {
  test('come to what OmegaConf makes of them', { timeout: 120_000 }, (context) => {
    if (!python) return context.skip('no python3 with omegaconf here (Debian: python3-omegaconf)');
    // The same ones each time; many others in a soak.
    const sample = (arbitrary: fc.Arbitrary<string>, count: number) =>
      fc.sample(arbitrary, process.env['MLX_SOAK'] ? count * 10 : { numRuns: count, seed: 1 });
    const texts = [...sample(text, 1500), ...sample(element, 500)].filter(
      (one) => one.isWellFormed() && !odd.test(one),
    );
    const input = JSON.stringify([config, texts]);
    const answers: (string | null)[] = JSON.parse(
      execFileSync(python, ['-c', script], { input, maxBuffer: 1e8 }).toString(),
    );
    const differing = texts.flatMap((one, i) => {
      const [wanted, found] = [answers[i] ?? undefined, resolved(one)];
      return wanted === found ? [] : [{ text: one, wanted, found }];
    });
    expect(differing).toEqual([]);
  });
});
