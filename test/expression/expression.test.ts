import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExpressionValue, evaluate, holds, parseExpression } from '../../src/expression/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';

const row: Record<string, ExpressionValue> = { a: 1, b: 2, s: 'x', t: true, n: null, l: [1, 2], 'config.lr': 0.01 };
const lookup = (name: string) => row[name];

describe('an expression', () => {
  const truths: Record<string, boolean> = {
    'a == 1 | b == 9 & a == 9': true,
    '~ a == 1 & b == 2': false,
    '~ (a == 9) & b == 2': true,
    'config.lr <= 1e-2': true,
    'config.lr == .01': true,
    "s == 'x' & s in ['x', \"y\"]": true,
    'a in [2, 3] or not b in [5]': true,
    'a not in [2]': true,
    't == True & t == true & n == null & n == None': true,
    'missing == 1': false,
    'missing != 1': false,
    '~ missing == 1': true,
    's < 3': false,
    'a + b * 2 ** 3 == 17': true,
    '-a - -b == 1 && 7 % 4 == 3 && -7 % 4 == 1': true,
    'l == [1, 2]': true,
  };
  test.for(Object.entries(truths))('%s is %s', ([text, truth]) => {
    expect(holds(parseExpression(text), lookup)).toBe(truth);
  });

  const mistakes: Record<string, string> = {
    'a ==': `    a ==
        ^ expected a name or a value
`,
    'a = 1': `    a = 1
      ^ expected '==' to compare
`,
    '(a == 1': `    (a == 1
           ^ expected ')'
`,
    'a == 1 b': `    a == 1 b
           ^ expected an operator or the end; conditions are joined by & (and) or | (or)
`,
  };
  test.for(Object.entries(mistakes))('%s is told with its place', ([text, excerpt]) => {
    const parse = () => parseExpression(text);
    expect(parse).toThrow(MlxError);
    try {
      parse();
    } catch (error) {
      expect(renderFailure((error as MlxError).failure).text).toBe(
        `mlx: can't read the expression '${text}'\n${excerpt}`,
      );
    }
  });

  test('of any text parses and evaluates, or fails by name', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('a', '(', ')', '==', '&', '~', '[', ']', ',', '1', "'x'", '**', '-', ' in '),
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          try {
            evaluate(parseExpression(text), lookup);
          } catch (error) {
            expect(error).toBeInstanceOf(MlxError);
          }
        },
      ),
      { numRuns: 2000 },
    );
    for (const deep of [
      '('.repeat(1e5),
      '~'.repeat(1e5),
      '-'.repeat(1e5),
      '['.repeat(1e5),
      '1**'.repeat(1e5),
      `${'1+'.repeat(1e5)}1`,
    ]) {
      expect(() => parseExpression(deep)).toThrow(MlxError);
    }
  });
});
