import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import {
  canonicalToken,
  elementValue,
  type PlainOverride,
  parseOverride,
  pointAt,
  points,
  sourceToken,
  sweepOf,
  valueText,
} from '../../src/sweep/index.js';
import type { Value } from '../../src/values/index.js';

/** What one override comes to, point by point. */
function plain(word: string): PlainOverride[] {
  return [...points(sweepOf({ overrides: [parseOverride(word)] }))].flatMap(({ overrides }) => overrides);
}

const elementOf = ({ element }: PlainOverride) => (element ? elementValue(element) : undefined);

function message(input: string): string {
  try {
    pointAt(sweepOf({ overrides: [parseOverride(input)] }), 0);
  } catch (error) {
    if (error instanceof MlxError) return renderFailure(error.failure).text;
    throw error;
  }
  return 'no error';
}

describe('spelling', () => {
  test.for(['lr=10.', 'lr=1e-3', '+a.b=true', '++x={a: [1, 2]}', "name='a b'", 'k=', '~k'])(
    'a word keeps the spelling of its user: %s',
    (word) => expect(plain(word).map(sourceToken)).toEqual([word]),
  );

  test.for<[input: string, source: string, canonical: string]>([
    ["x=1_000, 10. ,'a,b',[1,2]", "x=1_000 x=10. x='a,b' x=[1,2]", "x=1000 x=10.0 x='a,b' x=[1,2]"],
    ['x=choice(1e-3, 10.)', 'x=1e-3 x=10.', 'x=0.001 x=10.0'],
    ['x=tag(a,choice(true,False))', 'x=true x=False', 'x=True x=False'],
    ['x=range(1,2,0.25)', 'x=1.0 x=1.25 x=1.5 x=1.75', 'x=1.0 x=1.25 x=1.5 x=1.75'],
    ['x=sort(1e-2,1e-3)', 'x=0.001 x=0.01', 'x=0.001 x=0.01'],
    ['x=float(1,2)', 'x=1.0 x=2.0', 'x=1.0 x=2.0'],
    ['x=sort([1e-2,1e-3])', 'x=[0.001,0.01]', 'x=[0.001,0.01]'],
    ['x=[int(1.5),1e-3]', 'x=[1,1e-3]', 'x=[1,0.001]'],
    ['x=sort(c a,b)', 'x=b x=c\\ a', 'x=b x=c\\ a'],
    // Hydra's own spelling would make ints of these, and of `é` an error.
    ["x=choice('1','é')", "x='1' x='é'", "x='1' x='é'"],
    ['x=str(1,null_)', "x='1' x=null_", "x='1' x=null_"],
    ['x=json_str([1,{a: b}])', `x='[1, {"a": "b"}]'`, `x='[1, {"a": "b"}]'`],
  ])('%s', ([input, source, canonical]) => {
    expect(plain(input).map(sourceToken).join(' ')).toBe(source);
    expect(plain(input).map(canonicalToken).join(' ')).toBe(canonical);
  });
});

const words = fc.oneof(
  fc.stringMatching(/^[a-z$*@?|%.-]{1,6}$/),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom('true', 'null', 'nan', '-inf', '1_0', 'a\\,b', '\\ x\\ ', '\\\\'),
  fc.string().map((text) => `'${text.replace(/\\/g, '').replace(/'/g, "\\'")}'`),
);

const written = fc.letrec<{ element: string; item: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small' },
    words,
    fc.array(tie('element'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), tie('element')), { maxLength: 3 })
      .map((entries) => `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
    fc.tuple(fc.constantFrom('str', 'sort', 'shuffle', 'json_str'), words).map(([name, word]) => `${name}(${word})`),
  ),
  item: tie('element'),
})).element;

const sweeps = fc.oneof(
  written,
  fc.array(written, { minLength: 1, maxLength: 3 }).map((items) => items.join(', ')),
  fc.array(written, { minLength: 1, maxLength: 3 }).map((items) => `choice(${items.join(',')})`),
  fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })).map(([a, b]) => `range(${a},${b})`),
);

test('a printed override is read back as the same value, in both spellings', () => {
  let read = 0;
  fc.assert(
    fc.property(sweeps, (text) => {
      let all: PlainOverride[];
      try {
        all = plain(`k=${text}`);
      } catch (error) {
        // null where a function takes none.
        expect(error).toBeInstanceOf(MlxError);
        return;
      }
      read++;
      for (const one of all) {
        for (const print of [sourceToken, canonicalToken]) {
          const again = plain(print(one));
          expect(again.map(elementOf)).toEqual([elementOf(one)]);
          if (print === canonicalToken) expect(again.map(print)).toEqual([print(one)]);
        }
      }
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(500);
});

test('any value of a config has a text that is read back as it', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', 'true', 'null', '', ' ', '1e3', 'nan', "it's", '"', '\\', 'a\\', '${x}', 'f(1)'),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.double({ noNaN: true }).map((float) => (Number.isInteger(float) ? float + 0.5 : float)),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.stringMatching(/^[a-z ,:]{1,4}$/), tie('value')), { maxLength: 3 })
        .map((entries) => new Map(entries)),
    ),
  })).value;
  fc.assert(
    fc.property(value, (one) => {
      expect(plain(`k=${valueText(one)}`).map(elementOf)).toEqual([one]);
    }),
    { numRuns: 1000 },
  );
});

const pieces = ['[', ']', '{', '}', '(', ')', ',', ':', '=', ' ', '\t', '\\', '$', '${', '}', "'", '"', 'a', '1', 'é'];
const odd = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...pieces, 'choice(', 'range(', 'sort(', 'int(', 'true', 'null', 'a='), { maxLength: 30 })
    .map((p) => p.join('')),
);

test('any text is an override or a named failure', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        odd,
        odd.map((text) => `k=${text}`),
      ),
      (text) => {
        try {
          sweepOf({ overrides: [parseOverride(text)] });
        } catch (error) {
          expect(error).toBeInstanceOf(MlxError);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

/** Milliseconds that a text takes to be read or refused. */
function timeOf(text: string): number {
  const begin = performance.now();
  try {
    for (const one of plain(text)) canonicalToken(one);
  } catch (error) {
    expect(error).toBeInstanceOf(MlxError);
  }
  return performance.now() - begin;
}

const long = 100_000;

test.for([
  ...pieces,
  'a,',
  "'\\",
  "',",
  '[],',
  '${a}',
  '\\,',
  '1_',
  'a ',
  ' ,',
  '{a:',
  'f(',
  'choice(',
  'a=',
  '.',
  'a.',
  '/a',
  '@',
])('a hundred thousand characters of %s are answered at once', (piece) => {
  const body = piece.repeat(long / piece.length);
  for (const text of [body, `k=${body}`, `k='${body}'`, `k=[${body}]`, `k=f(${body})`, `k=choice(${body}a)`]) {
    expect(timeOf(text)).toBeLessThan(2_000);
  }
});

describe('what a mistake is answered with', () => {
  const table: Record<string, string> = {
    'lr=1,,2': `mlx: can't read the override 'lr=1,,2'
    lr=1,,2
         ^ expected a value
`,
    'lr=1,': `mlx: can't read the override 'lr=1,'
    lr=1,
         ^ expected a value
`,
    "name='a": `mlx: can't read the override 'name='a'
    name='a
           ^ expected the ' that closes the one at column 6
`,
    'x=[1,2': `mlx: can't read the override 'x=[1,2'
    x=[1,2
          ^ expected ']' that closes '['
  a shell splits at blanks: put the whole override in quotes, as in 'key=[1, 2]'
`,
    'naïve=1': `mlx: can't read the override 'naïve=1'
    naïve=1
      ^ expected a key
`,
    'name=日本 語': `mlx: can't read the override 'name=日本 語'
    name=日本 語
         ^^ expected a value
  text with other characters needs quotes inside the override: 'name="日本 語"'
`,
    lr: `mlx: can't read the override 'lr'
    lr
      ^ expected '=' and a value
  words meant for the program go after --: -- lr
`,
    'lr=rnage(1,5)': `mlx: there is no function 'rnage' in overrides, did you mean 'range'?
    lr=rnage(1,5)
       ^^^^^
  there are choice, range, interval, glob, sort, shuffle, tag, str, int, float, bool, json_str; text with parentheses goes in quotes
`,
  };
  test.for(Object.entries(table))('%s', ([input, text]) => {
    expect(message(input)).toBe(text);
  });
});
