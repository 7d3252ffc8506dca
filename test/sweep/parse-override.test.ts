import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderFailure } from '../../src/cli/render-failure.js';
import { MlxError } from '../../src/core/failure.js';
import { canonicalToken, elementValue, parseOverride, sourceToken } from '../../src/sweep/index.js';

function message(input: string): string {
  try {
    parseOverride(input);
  } catch (error) {
    if (error instanceof MlxError) return renderFailure(error.failure).text;
    throw error;
  }
  return 'no error';
}

test('a word keeps the spelling of its user', () => {
  for (const word of ['lr=10.', 'lr=1e-3', '+a.b=true', '++x={a: [1, 2]}', "name='a b'", 'k=', '~k']) {
    const override = parseOverride(word);
    expect(sourceToken({ override, element: override.choices[0] })).toBe(word);
  }
});

test('each choice of a sweep keeps its own spelling', () => {
  const override = parseOverride("x=1_000, 10. ,'a,b',[1,2]");
  expect(override.choices.map((element) => sourceToken({ override, element }))).toEqual([
    'x=1_000',
    'x=10.',
    "x='a,b'",
    'x=[1,2]',
  ]);
});

test('a canonical word parses back to the same value', () => {
  const element = fc.letrec<{ element: string; plain: string }>((tie) => ({
    plain: fc.oneof(
      fc.stringMatching(/^[a-z$*@?|%.-]{1,6}$/),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
      fc.integer().map(String),
      fc.constantFrom('true', 'null', 'nan', '-inf', '1_0', 'a\\,b', '\\ x\\ ', '\\\\'),
      fc.string().map((text) => `'${text.replace(/\\/g, '').replace(/'/g, "\\'")}'`),
    ),
    element: fc.oneof(
      { depthSize: 'small' },
      tie('plain'),
      fc.array(tie('element'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), tie('element')), { maxLength: 3 }).map((entries) => {
        return `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
      }),
    ),
  })).element;
  fc.assert(
    fc.property(element, (text) => {
      const override = parseOverride(`k=${text}`);
      const canonical = canonicalToken({ override, element: override.choices[0] });
      const again = parseOverride(canonical);
      expect(again.choices.map(elementValue)).toEqual(override.choices.map(elementValue));
      expect(canonicalToken({ override: again, element: again.choices[0] })).toBe(canonical);
    }),
  );
});

test('any text is an override or a named failure', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `k=${text}`),
      ),
      (text) => {
        try {
          parseOverride(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MlxError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test.for(['[', '{a:', '"', 'a,', "'\\", '${', '(', ' '])('a hundred thousand of %s are answered at once', (piece) => {
  const begin = performance.now();
  try {
    parseOverride(`k=${piece.repeat(100_000)}`);
  } catch (error) {
    expect(error).toBeInstanceOf(MlxError);
  }
  expect(performance.now() - begin).toBeLessThan(5_000);
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
`,
    'naïve=1': `mlx: can't read the override 'naïve=1'
    naïve=1
      ^ expected a key
`,
    'name=日本 語': `mlx: can't read the override 'name=日本 語'
    name=日本 語
         ^^ expected a value
  text with other characters needs quotes inside the override: 'key="…"'
`,
    lr: `mlx: can't read the override 'lr'
    lr
      ^ expected '=' and a value
  words meant for the program go after --: -- lr
`,
    'lr=range(1,5)': `mlx: this version knows no functions in overrides, found 'range(…)'
    lr=range(1,5)
       ^^^^^
  write the values: key=a,b,c; text with parentheses goes in quotes
`,
  };
  test.for(Object.entries(table))('%s', ([input, text]) => {
    expect(message(input)).toBe(text);
  });
});
