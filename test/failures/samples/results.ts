import type { ResultsFailure } from '../../../src/failures/results.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<ResultsFailure> = {
  'expression-syntax': [
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'operand' } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected a name or a value'],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'operator-or-end' } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected an operator or the end'],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'condition-or-end' } },
      2,
      [
        "mlx: can't read the expression 'lr >'",
        '    lr >',
        '        ^ expected an operator or the end; conditions are joined by & (and) or | (or)',
      ],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'name-value-or-operator' } },
      2,
      [
        "mlx: can't read the expression 'lr >'",
        '    lr >',
        '        ^ expected a name, a value or an operator; a name with other characters than letters, digits, _ . and - stands in backticks',
      ],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'closing-parenthesis' } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected ')'"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'comma-or-bracket' } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected ',' or ']'"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'closing-quote', quote: '"' } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected a second " that closes it'],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'fewer-levels', most: 200 } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected at most 200 levels'],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'fewer-tokens', most: 5000 } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected at most 5000 words and signs'],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: '==', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected '==' to compare"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: '!=', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected '!='"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: '>=', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected '>='"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: '<=', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected '<='"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: 'and', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected 'and' in lower case, or '&'"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: 'or', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected 'or' in lower case, or '|'"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: 'not', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected 'not' in lower case, or '~'"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: 'in', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected 'in' in lower case"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: 'not in', operand: false } },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', "        ^ expected 'not in' in lower case"],
    ],
    [
      { span: at('lr >', '', 'expression'), expected: { kind: 'instead', operator: '==', operand: true } },
      2,
      [
        "mlx: can't read the expression 'lr >'",
        '    lr >',
        "        ^ expected '==' to compare, and a name or a value",
      ],
    ],
  ],
  'unknown-column': [
    [
      { span: at('ls == 3', 'ls', 'expression'), column: 'ls', near: ['lr', 'loss', 'ks'], quoted: undefined },
      2,
      [
        "mlx: no run has 'ls', did you mean 'lr', 'loss' or 'ks'?",
        '    ls == 3',
        '    ^^',
        '  mlx show ID lists what a run has; names with other characters than letters, digits, _ . and - stand in backticks',
      ],
    ],
    [
      { span: at('a == b', 'b', 'expression'), column: 'b', near: ['c'], quoted: '"b"' },
      2,
      ["mlx: no run has 'b', did you mean 'c'?", '    a == b', '         ^', '  a text stands in quotes: "b"'],
    ],
  ],
  'unknown-reducer': [
    [
      { span: at('loss@lsat', 'loss@lsat', 'expression'), column: 'loss', reducer: 'lsat', near: ['last'] },
      2,
      [
        "mlx: '@lsat' means nothing, did you mean '@last'?",
        '    loss@lsat',
        '    ^^^^^^^^^',
        '  behind @ stand last, first, min, max, mean, median, std, q10 … q90, argmin, argmax, count, nan, values, or KEY=VALUE such as epoch=10',
      ],
    ],
    [
      { span: at('loss@epch=1', 'loss@epch=1', 'expression'), column: 'loss', reducer: 'epch=1', near: ['epoch'] },
      2,
      [
        "mlx: no run has logged 'epch' beside 'loss'",
        '    loss@epch=1',
        '    ^^^^^^^^^^^',
        '  @KEY=VALUE is the value where a key that is logged beside it, such as epoch, has that value',
      ],
    ],
    [
      { span: at('loss@lr=1', 'loss@lr=1', 'expression'), column: 'loss', reducer: 'lr=1', near: ['lr'] },
      2,
      [
        "mlx: no run has logged 'lr' beside 'loss'",
        '    loss@lr=1',
        '    ^^^^^^^^^',
        '  to compare, write loss@lr == 1',
      ],
    ],
  ],
  'unknown-status': [
    [
      {
        span: at("status == 'faild'", "'faild'", 'expression'),
        status: 'faild',
        near: ['failed'],
        known: ['complete', 'failed'],
      },
      2,
      [
        "mlx: no status is 'faild', did you mean 'failed'?",
        "    status == 'faild'",
        '              ^^^^^^^',
        '  statuses are complete, failed',
      ],
    ],
  ],
};
