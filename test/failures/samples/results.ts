import type { ResultsFailure } from '../../../src/failures/results.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<ResultsFailure> = {
  'expression-syntax': [
    [
      { span: at('lr >', '', 'expression'), expected: 'a name or a value' },
      2,
      ["mlx: can't read the expression 'lr >'", '    lr >', '        ^ expected a name or a value'],
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
