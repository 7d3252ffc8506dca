import type { SweepFailure } from '../../../src/failures/sweep.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<SweepFailure> = {
  'override-syntax': [
    [
      { span: at('lr=(', '('), expected: { kind: 'value' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected a value'],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'key' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected a key'],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'key-between-dots' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected a key between the dots'],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'group-name' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected the name of a config group'],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'equals' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected '=' and a value"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'colon-and-value' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected ':' and a value"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'comma-or-end' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected ',' or the end"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'interpolation-name' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected a name after '${'"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'interpolation-end' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected '}'"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'named-argument' }, hint: undefined },
      2,
      [
        "mlx: can't read the override 'lr=('",
        '    lr=(',
        '       ^ expected another NAME=value, since plain values come first',
      ],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'comma-or-bracket', bracket: ']' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected ',' or ']'"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'closing-bracket', bracket: ']', opened: '[' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected ']' that closes '['"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'comma-after-value', name: 'f' }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', "       ^ expected ',' or the end, since 'f' is a value"],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'closing-quote', quote: '"', column: 4 }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected the " that closes the one at column 4'],
    ],
    [
      { span: at('lr=(', '('), expected: { kind: 'fewer-levels', most: 100 }, hint: undefined },
      2,
      ["mlx: can't read the override 'lr=('", '    lr=(', '       ^ expected at most 100 levels of brackets'],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'quote-override' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        "  a shell splits at blanks: put the whole override in quotes, as in 'key=[1, 2]'",
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'quote-value' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  put the value in quotes to take it as it is',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'one-program' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  one PROGRAM is enough; words meant for it go after --',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'no-blank-after-equals' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  no blank may stand behind the = of the key before it',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'no-blanks' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  no blanks around the =',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'package-renaming' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  Hydra 1.2 took GROUP@OLD:NEW away: delete the one, add the other: ~GROUP@OLD +GROUP@NEW=OPTION',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'options-elsewhere' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  options of mlx come before or after the overrides; words for the program go after --',
      ],
    ],
    [
      {
        span: at('日本=\tx y=', 'y='),
        expected: { kind: 'value' },
        hint: { kind: 'quotes-inside', key: 'a', value: 'b c' },
      },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  text with other characters needs quotes inside the override: \'a="b c"\'',
      ],
    ],
    [
      { span: at('日本=\tx y=', 'y='), expected: { kind: 'value' }, hint: { kind: 'words-after-dashes', text: 'x' } },
      2,
      [
        "mlx: can't read the override '日本=\\tx y='",
        '    日本= x y=',
        '            ^^ expected a value',
        '  words meant for the program go after --: -- x',
      ],
    ],
  ],
  'unknown-function': [
    [
      { span: at('x=chioce(1,2)', 'chioce'), name: 'chioce', near: 'choice', known: ['choice', 'range'] },
      2,
      [
        "mlx: there is no function 'chioce' in overrides, did you mean 'choice'?",
        '    x=chioce(1,2)',
        '      ^^^^^^',
        '  there are choice, range; text with parentheses goes in quotes',
      ],
    ],
  ],
  'sweep-function': [
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'value-missing' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ needs a value', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'argument-missing', name: 'start' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ needs start', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'too-many-values', most: 3 } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ takes 3 values', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'unknown-argument', name: 'stpe' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ has no stpe=', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'argument-twice', name: 'step' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ has step twice', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'wrong-argument', expected: 'number' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ expected a number', '  it is written f(A)'],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'wrong-argument', expected: 'choice-item' },
      },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ expected a value but null', '  it is written f(A)'],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'wrong-argument', expected: 'sortable' },
      },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ expected a value but null, a choice() or a range()',
        '  it is written f(A)',
      ],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'wrong-argument', expected: 'orderable' },
      },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ expected a choice() or a range()',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'wrong-argument', expected: 'list' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ expected a list', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'wrong-argument', expected: 'flag' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ expected true or false', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'wrong-argument', expected: 'tagged' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ expected a tag, and at the end a choice(), a range() or an interval()',
        '  it is written f(A)',
      ],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'wrong-argument', expected: 'patterns' },
      },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ expected a pattern or a list of them',
        '  it is written f(A)',
      ],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'wrong-argument', expected: 'castable' },
      },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ expected a value, a choice(), a range() or an interval()',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'values-and-value' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ takes plain values or value=, not both',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'nested-choice' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ a choice can not hold another',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'sweep-among-values' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ takes one sweep, or several plain values',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'beyond-floats', end: 'start' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ the start is beyond all floats',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'unsortable-among-several' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ several values are sorted where all are words or numbers',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'no-order' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ these have no order', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'sweep-missing' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ needs a choice(), a range() or an interval() at its end',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'tag-not-word' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ a tag is a word', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'quoted-pattern' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ patterns in a list stand without quotes',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'pattern-not-word' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ a pattern is a word', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'range-cast' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ a range can only be cast to int or float',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'interval-cast' } },
      2,
      [
        "mlx: can't call f() in 'x=f(1)'",
        '    x=f(1)',
        '      ^^^^ an interval can only be cast to int or float',
        '  it is written f(A)',
      ],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'glob-cast' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ a glob() can not be cast', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'null-cast', cast: 'int' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', "      ^^^^ null can't be cast to int", '  it is written f(A)'],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'no-cast-of-number', cast: 'int', value: 'inf' },
      },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ there is no int of inf', '  it is written f(A)'],
    ],
    [
      {
        span: at('x=f(1)', 'f(1)'),
        name: 'f',
        usage: 'f(A)',
        problem: { kind: 'no-cast-of-value', cast: 'int', value: 'a' },
      },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', "      ^^^^ there is no int of 'a'", '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'step-zero' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ the step is 0', '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'nan' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', "      ^^^^ NaN can't be counted with", '  it is written f(A)'],
    ],
    [
      { span: at('x=f(1)', 'f(1)'), name: 'f', usage: 'f(A)', problem: { kind: 'endless' } },
      2,
      ["mlx: can't call f() in 'x=f(1)'", '    x=f(1)', '      ^^^^ it never comes to its end', '  it is written f(A)'],
    ],
  ],
  'nested-sweep': [
    [
      { span: at('x=[a,choice(1,2)]', 'choice(1,2)') },
      2,
      [
        'mlx: a sweep can not stand inside of another value',
        '    x=[a,choice(1,2)]',
        '         ^^^^^^^^^^^',
        '  write one sweep per key: key=a,b or key=choice(a,b) or key=range(1,5)',
      ],
    ],
  ],
  'sweep-not-allowed': [
    [
      { span: at('lr=1,2', 'lr=1,2'), where: 'mlx config' },
      2,
      ['mlx: mlx config takes one value, not a sweep', '    lr=1,2', '    ^^^^^^', '  keep one of the values'],
    ],
    [
      { span: at('mlx.grace=1,2', '1,2'), where: 'setting' },
      2,
      [
        'mlx: a setting of mlx takes one value, not a sweep',
        '    mlx.grace=1,2',
        '              ^^^',
        '  keep one of the values',
      ],
    ],
  ],
  'glob-unexpanded': [
    [
      { span: at('db=glob(*)', 'glob(*)'), key: 'db' },
      2,
      [
        "mlx: glob() needs the options of the config group 'db', and there is no config here",
        '    db=glob(*)',
        '       ^^^^^^^',
        '  write the options: key=a,b',
      ],
    ],
  ],
  'bad-interval': [
    [
      { span: at('lr=interval(2,1)', 'interval(2,1)'), problem: 'backwards' },
      2,
      [
        'mlx: this interval starts behind its end',
        '    lr=interval(2,1)',
        '       ^^^^^^^^^^^^^',
        '  it is written interval(START,END)',
      ],
    ],
    [
      { span: at('lr=tag(log,interval(0,1))', 'interval(0,1)'), problem: 'no-logarithm' },
      2,
      [
        'mlx: this interval has no logarithm at its start: with tag(log,…) it starts above 0',
        '    lr=tag(log,interval(0,1))',
        '               ^^^^^^^^^^^^^',
        '  it is written interval(START,END)',
      ],
    ],
    [
      { span: at('lr=interval(0,inf)', 'interval(0,inf)'), problem: 'not-finite' },
      2,
      [
        'mlx: this interval has no ends to draw between',
        '    lr=interval(0,inf)',
        '       ^^^^^^^^^^^^^^^',
        '  it is written interval(START,END)',
      ],
    ],
  ],
  'interval-unsampled': [
    [
      { span: at('lr=interval(0,1)', 'interval(0,1)') },
      2,
      [
        'mlx: an interval has no values to run one by one',
        '    lr=interval(0,1)',
        '       ^^^^^^^^^^^^^ its values are drawn',
        '  --sample N draws N points; range(START,STOP,STEP) makes a grid',
      ],
    ],
  ],
  'sample-exhausted': [
    [
      { wanted: 10, found: 3 },
      2,
      [
        'mlx: only 3 of 10 points could be drawn: after them nothing new was kept',
        '  ask for fewer with --sample 3, or loosen --where',
      ],
    ],
    [
      { wanted: 10, found: 0 },
      2,
      [
        'mlx: only 0 of 10 points could be drawn: after them nothing new was kept',
        '  ask for fewer with --sample 1, or loosen --where',
      ],
    ],
  ],
  'no-such-point': [
    [
      { point: 9, count: 4 },
      2,
      ['mlx: there is no point 9: the sweep has 4 points', '  they are numbered from 0 to 3; --dry-run lists them'],
    ],
    [
      { point: 0, count: 0 },
      2,
      ['mlx: there is no point 0: the sweep has 0 points', '  they are numbered from 0; --dry-run lists them'],
    ],
  ],
  'zip-key': [
    [{ key: 'lr', used: true, swept: ['lr', 'seed'] }, 2, ["mlx: --zip names 'lr' twice", '  swept are lr, seed']],
    [
      { key: 'sed', used: false, swept: ['lr', 'seed'] },
      2,
      ["mlx: --zip names 'sed', which is not swept here, did you mean 'seed'?", '  swept are lr, seed'],
    ],
    [{ key: 'lr', used: false, swept: [] }, 2, ["mlx: --zip names 'lr', which is not swept here", '  no key is swept']],
  ],
  'zip-lengths': [
    [
      {
        counts: [
          { key: 'lr', count: 2 },
          { key: 'seed', count: 3 },
        ],
      },
      2,
      [
        'mlx: keys that move together need as many values each: lr has 2, seed has 3',
        '  give each as many, or leave out --zip to cross them',
      ],
    ],
  ],
  'key-in-points': [
    [
      { key: 'lr', span: at('lr=1', 'lr') },
      2,
      [
        "mlx: 'lr' is given by the points already",
        '    lr=1',
        '    ^^',
        '  take it out here, or out of the file of points',
      ],
    ],
  ],
  'empty-sweep': [
    [
      { span: at('lr=choice()', 'choice()'), of: undefined },
      2,
      ['mlx: this sweep has no points', '    lr=choice()', '       ^^^^^^^^ no values', '  give at least one value'],
    ],
    [
      { span: undefined, of: 12 },
      2,
      ['mlx: --where keeps none of the 12 points', '  loosen it; --count tells how many points it keeps'],
    ],
  ],
  'bad-sweep-file': [
    [
      { span: at('params:\n  lr: 1\n', 'lr', 'sweep.yaml'), problem: { kind: 'no-params' } },
      2,
      [
        "mlx: can't read the sweep in 'sweep.yaml'",
        '  sweep.yaml:2:3',
        '    2 |   lr: 1',
        '          ^^ expected a mapping with params:',
        '  it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      ],
    ],
    [
      { span: at('params:\n  lr: 1\n', 'lr', 'sweep.yaml'), problem: { kind: 'not-a-mapping' } },
      2,
      [
        "mlx: can't read the sweep in 'sweep.yaml'",
        '  sweep.yaml:2:3',
        '    2 |   lr: 1',
        '          ^^ expected keys and values',
        '  it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      ],
    ],
    [
      { span: at('params:\n  lr: 1\n', 'lr', 'sweep.yaml'), problem: { kind: 'unknown-key', near: 'zip' } },
      2,
      [
        "mlx: can't read the sweep in 'sweep.yaml'",
        '  sweep.yaml:2:3',
        '    2 |   lr: 1',
        "          ^^ there is no such key, did you mean 'zip'?",
        '  it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      ],
    ],
    [
      { span: at('params:\n  lr: 1\n', 'lr', 'sweep.yaml'), problem: { kind: 'unknown-key', near: undefined } },
      2,
      [
        "mlx: can't read the sweep in 'sweep.yaml'",
        '  sweep.yaml:2:3',
        '    2 |   lr: 1',
        '          ^^ there is no such key',
        '  it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      ],
    ],
    [
      {
        span: at('params:\n  lr: 1\n', 'lr', 'sweep.yaml'),
        problem: { kind: 'bad-value', expected: 'a whole number' },
      },
      2,
      [
        "mlx: can't read the sweep in 'sweep.yaml'",
        '  sweep.yaml:2:3',
        '    2 |   lr: 1',
        '          ^^ expected a whole number',
        '  it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      ],
    ],
  ],
  'bad-points-file': [
    [
      { path: 'points.csv', line: 3, problem: { kind: 'no-points' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: it holds no points",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'not-a-list' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: expected a list of points",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'unknown-ending' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: its name must end in .csv, .jsonl or .yaml",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'not-json' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: this is no JSON",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'not-a-mapping' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: expected keys and values",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'bad-quotes' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: its quotes do not fit",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'column-without-name' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: a column has no name",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'column-twice', name: 'lr' } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: two columns are named 'lr'",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
    [
      { path: 'points.csv', line: 3, problem: { kind: 'cell-count', count: 3, expected: 2 } },
      2,
      [
        "mlx: can't read points from 'points.csv', line 3: it has 3 cells, the first line 2",
        '  a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      ],
    ],
  ],
  'unknown-name': [
    [
      { name: 'sed', span: at('sed > 1', 'sed', 'expression'), near: 'seed', unresolved: false },
      2,
      [
        "mlx: no point has a value 'sed', did you mean 'seed'?",
        '    sed > 1',
        '    ^^^',
        '  names are keys of the config and of the overrides; text goes in quotes: name == "text"',
      ],
    ],
    [
      { name: 'lr', span: at('lr > 1', 'lr', 'expression'), near: undefined, unresolved: true },
      2,
      [
        "mlx: 'lr' is an interpolation, which --where can't compare",
        '    lr > 1',
        '    ^^',
        '  compare the value that it refers to',
      ],
    ],
  ],
  'too-many-runs': [
    [
      { count: '20000', limit: 10000 },
      2,
      [
        'mlx: this sweep has 20000 runs, more than the limit of 10000',
        '  --max-runs 20000 says that it is meant; --sample draws some of them',
      ],
    ],
    [
      { count: undefined, limit: 10000 },
      2,
      [
        'mlx: this sweep has more runs than the limit of 10000',
        '  --max-runs N says that it is meant; --sample draws some of them',
      ],
    ],
  ],
};
