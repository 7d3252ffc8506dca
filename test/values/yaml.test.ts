import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate } from '../../src/core/span.js';
import { unprintable } from '../../src/core/unprintable.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import type { Value } from '../../src/values/index.js';
import { formatYaml, formatYamlBlocks, parseYaml } from '../../src/values/yaml.js';

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

  test.for([
    ['a: &a [*a]\n', '1:8', '*a'],
    ['&top {x: *top}\n', '1:10', '*top'],
    ['a: &a\n  <<: *a\n', '2:7', '*a'],
    ['a: &a {? *a : 1}\n', '1:10', '*a'],
    ['a: &a 1\nb: &a [*a]\n', '2:8', '*a'],
    ['- &p\n  q: &q [1, *p]\n- *q', '2:13', '*p'],
  ] as const)('%j holds itself, and is refused at the alias', ([text, place, alias]) => {
    const told = failureText(() => read(text));
    expect(told).toContain(`config.yaml:${place}\n`);
    expect(told).toContain(`^ ${alias} would be a part of itself`);
  });

  test('an anchor that is used again is no circle', () => {
    expect(read('a: &a 1\nb: &b [*a]\nc: [*b, *b]\n')).toEqual(
      new Map<string, Value>([
        ['a', 1n],
        ['b', [1n]],
        ['c', [[1n], [1n]]],
      ]),
    );
  });

  test('what is nested too deeply is refused, and only that', () => {
    const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const mappings = (levels: number) => Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(failureText(() => read(lists(400)))).toBe('no error');
    expect(failureText(() => read(mappings(400)))).toBe('no error');
    const shared = Array.from(
      { length: 20 },
      (_, i) => `- &a${i} ${'['.repeat(90)}${i && `*a${i - 1}`}${']'.repeat(90)}`,
    );
    for (const text of [lists(1000), lists(30_000), mappings(2000), shared.join('\n')])
      expect(failureText(() => read(text))).toMatch(/\^ (it is nested too deeply|excessive alias count)/);
  });

  test('many keys take no longer by key than a few', () => {
    const time = (keys: number) => {
      const text = Array.from({ length: keys }, (_, i) => `key${i}: ${i}\n`).join('');
      const start = performance.now();
      const file = parseYaml({ name: 'config.yaml', text });
      for (let i = 0; i < keys; i += 10) locate(file.spanAt([`key${i}`]));
      expect(file.spelling(['key7'])).toBe('7');
      return performance.now() - start;
    };
    time(2000);
    // A quadratic reader took a hundred times as long, and this allows for a machine that does other things.
    expect(time(20_000) / time(2000)).toBeLessThan(40);
  });

  test('characters that no terminal may get are escaped, and read back', () => {
    const value = new Map<string, Value>([
      ['k\u202ey', 'a\u2066\x1b[31m\x9b'],
      ['n', [1n, 0.5, true, null, 'yes', 'two\nlines']],
    ]);
    const text = formatYaml(value);
    expect(text).not.toMatch(unprintable);
    expect(read(text)).toEqual(value);
    expect(read(formatYamlBlocks(value))).toEqual(value);
  });

  test('an alias bomb is refused', () => {
    const bomb = [
      'a0: &a0 [x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
    ];
    expect(failureText(() => read(bomb.join('\n')))).toContain('not valid YAML');
  });
});
