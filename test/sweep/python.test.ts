import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { valuesOf } from '../../src/sweep/axis.js';
import { matchingOptions } from '../../src/sweep/glob.js';
import { parseOverride } from '../../src/sweep/index.js';
import { canonicalText, type Element, quoted } from '../../src/sweep/override.js';

/**
 * What Python makes of the same: ranges counted with its decimals as Hydra does, its `int`, `float`, `str`, `sorted`. Each
 * line of input is a JSON list; each line of output the answer, or null for an error. Of a long range, what stands at its
 * beginning, its end and some places between.
 */
const program = `
import json, sys
from fnmatch import fnmatchcase
from decimal import Decimal

def numbers(start, stop, step):
    a, b, s = Decimal(start), Decimal(stop), Decimal(step)
    out = []
    while (a < b) if s > 0 else (a > b):
        out.append(repr(float(a)))
        if len(out) > 3000: break
        a += s
    return out

def number(text):
    return int(text) if text.lstrip('+-').isdigit() else float(text)

for line in sys.stdin:
    kind, *args = json.loads(line)
    try:
        if kind == 'range': answer = numbers(*map(number, args))
        elif kind == 'int': answer = str(int(args[0]))
        elif kind == 'float': answer = repr(float(args[0]))
        elif kind == 'str': answer = str(number(args[0]))
        elif kind == 'glob': answer = [x for x in args[1:] if fnmatchcase(x, args[0])]
        elif kind == 'sort': answer = [repr(x) for x in sorted([number(x) for x in args])]
        elif kind == 'reverse': answer = [repr(x) for x in sorted([number(x) for x in args], reverse=True)]
    except (ValueError, OverflowError):
        answer = None
    print(json.dumps(answer))
`;

type Question = [kind: string, ...args: string[]];

function python(questions: readonly Question[]): unknown[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n');
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
  expect(stderr).toBe('');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The canonical texts of a value; null where it is refused. */
function texts(value: string): string[] | null {
  try {
    const values = valuesOf(parseOverride(`k=${value}`), 0);
    if ('kind' in values) return null;
    return Array.from({ length: Math.min(values.count, 3001) }, (_, i) => canonicalText(values.at(i) as Element));
  } catch (error) {
    if (error instanceof MlxError) return null;
    throw error;
  }
}

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, count);
}

const shortFloat = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -6, max: 6 }))
  .map(([digits, exponent]) => String(Number(`${digits}e${exponent}`)).replace(/^(-?\d+)$/, '$1.0'));

test('a range with floats has the digits that Python counts', () => {
  const steps = fc.oneof(
    fc.constantFrom('0.1', '0.3', '1e-3', '-0.1', '2.5e-4', '0.7', '-1e-5', '0.015625', '1e-10', '3e22', '1.5', '-7.3'),
    shortFloat,
  );
  // So many steps from the start, give or take what makes an end that is not met.
  const questions = sample(fc.tuple(shortFloat, steps, fc.integer({ min: 0, max: 2500 }), fc.boolean()), 400).flatMap(
    ([start, step, count, exactly]): Question[] => {
      const stop = Number(start) + Number(step) * (count + (exactly ? 0 : 0.4));
      if (Number(step) === 0 || !Number.isFinite(stop)) return [];
      return [['range', start, String(stop).replace(/^(-?\d+)$/, '$1.0'), step]];
    },
  );
  const answers = python(questions);
  questions.forEach(([, ...args], i) => {
    const text = args.join(',');
    expect({ text, values: texts(`range(${text})`) }).toEqual({ text, values: answers[i] });
  });
  expect(questions.length).toBeGreaterThan(300);
});

test('casts give what Python gives', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[ \t]?[+-]?[0-9_]{0,6}\.?[0-9_]{0,4}(e[+-]?[0-9_]{1,3})?[ \t]?$/),
    fc.constantFrom(
      'inf',
      '-Infinity',
      'NaN',
      '+nan',
      '٣',
      '１２.５',
      '',
      ' ',
      '1__0',
      '1_',
      '_1',
      '1e400',
      '0x10',
      '\u00a07\u2003',
    ),
  );
  const questions = sample(word, 500).flatMap((text): Question[] => [
    ['int', text],
    ['float', text],
  ]);
  const answers = python(questions);
  questions.forEach(([kind, text], i) => {
    expect({ kind, text, value: texts(`${kind}('${text}')`)?.[0] ?? null }).toEqual({ kind, text, value: answers[i] });
  });
});

test('a glob means what Python takes it for', () => {
  const character = fc.constantFrom('*', '?', '[', ']', '!', '-', 'a', 'b', 'c', '.', '^', '\\', '&');
  const questions = sample(
    fc.tuple(
      fc.string({ unit: character, maxLength: 8 }),
      fc.array(fc.string({ unit: character, minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 12 }),
    ),
    2000,
  ).map(([pattern, options]): Question => ['glob', pattern, ...options]);
  const answers = python(questions);
  questions.forEach(([, pattern = '', ...options], i) => {
    const { value } = parseOverride(`k=glob(${quoted(pattern, "'")})`);
    expect({ pattern, options: value?.kind === 'glob' && matchingOptions(value, options) }).toEqual({
      pattern,
      options: answers[i],
    });
  });
});

test('str and sort print and order numbers as Python does', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => {
      const text = String(float);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }),
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
    fc.constantFrom('nan', 'inf', '-inf', '-0.0', '1e16', '1e-5', '123456789012345.6'),
  );
  const questions: Question[] = [
    ...sample(number, 300).map((text): Question => ['str', text]),
    ...sample(fc.array(number, { minLength: 2, maxLength: 40 }), 200).flatMap((args): Question[] => [
      ['sort', ...args],
      ['reverse', ...args],
    ]),
  ];
  const answers = python(questions);
  questions.forEach(([kind, ...args], i) => {
    const text = { str: `str(${args[0]})`, sort: `sort(${args})`, reverse: `sort(${args},reverse=true)` }[kind] ?? '';
    const values = kind === 'str' ? texts(text)?.[0] : texts(text);
    expect({ text, values }).toEqual({ text, values: answers[i] });
  });
});
