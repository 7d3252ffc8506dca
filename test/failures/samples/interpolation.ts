import type { InterpolationFailure } from '../../../src/failures/interpolation.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<InterpolationFailure> = {
  'bad-interpolation': [
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'value' } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        '     ^^^ expected a value',
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'key' } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        '     ^^^ expected a key',
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'end' } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        '     ^^^ expected the end',
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'colon-and-value' } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        "     ^^^ expected ':' and a value",
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'closing-bracket', bracket: '}' } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        "     ^^^ expected '}'",
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'closing-quote', quote: "'" } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        "     ^^^ expected text with a ' that closes it",
        '  \\${ stands for a plain ${',
      ],
    ],
    [
      { span: at('a${b', '${b', 'the value of a'), expected: { kind: 'fewer-levels', most: 200 } },
      2,
      [
        "mlx: can't read the interpolation in 'the value of a'",
        '    a${b',
        '     ^^^ expected at most 200 levels',
        '  \\${ stands for a plain ${',
      ],
    ],
  ],
  unresolvable: [
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-key', key: 'x' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': there is no x", '  without --resolve it is shown as it is written'],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-value-yet', key: 'x' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': x has no value yet (???)",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'not-a-key', key: '[x' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': '[x' is no key", '  without --resolve it is shown as it is written'],
    ],
    [
      {
        key: 'a.b',
        text: '${x}',
        problem: { kind: 'not-an-index', key: 'x', list: 'a.l' },
        near: undefined,
        later: false,
      },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': 'x' is no index of the list a.l",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-parts', key: 'a' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': a has no parts", '  without --resolve it is shown as it is written'],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'computed-key-not-text' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': a key is to be text", '  without --resolve it is shown as it is written'],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'above-config' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it goes above the config",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'circle' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it goes round in a circle",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'part-of-itself' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it stands for a value that it is a part of",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'unknown-resolver', name: 'f' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': mlx knows no resolver 'f': the program brings it",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'only-where-it-runs' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it is decided where the run is",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      {
        key: 'a.b',
        text: '${x}',
        problem: { kind: 'argument-count', least: 1, most: 2, count: 3 },
        near: undefined,
        later: false,
      },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it takes 1 or 2 arguments, not 3",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      {
        key: 'a.b',
        text: '${x}',
        problem: { kind: 'argument-count', least: 1, most: 1, count: 0 },
        near: undefined,
        later: false,
      },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': it takes 1 arguments, not 0",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'key-not-text' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': a key is text", '  without --resolve it is shown as it is written'],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-mapping', key: 'x' }, near: undefined, later: false },
      2,
      ["mlx: can't resolve '${x}' of 'a.b': x is no mapping", '  without --resolve it is shown as it is written'],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'variable-not-text' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': the name of a variable is text",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-variable', name: 'X' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': the environment has no variable 'X'",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'decode-not-text' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': only text can be decoded",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'bad-create' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': only a list, a dict or a text of YAML can be made a config",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'create-neither' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': its YAML is neither a list nor a mapping",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'null-key' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': null can be no key of a config",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'package-not-text' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': the name of a package is text",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: 'a.b', text: '${x}', problem: { kind: 'no-package', name: 'a.b' }, near: undefined, later: false },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': there is no package a.b in the working directory or on PYTHONPATH",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      {
        key: 'a.b',
        text: '${x}',
        problem: { kind: 'unknown-time-letter', letter: 'Q' },
        near: undefined,
        later: false,
      },
      2,
      [
        "mlx: can't resolve '${x}' of 'a.b': mlx can't write %Q of a time",
        '  without --resolve it is shown as it is written',
      ],
    ],
    [
      { key: '', text: '${xx}', problem: { kind: 'no-key', key: 'xx' }, near: 'x', later: false },
      2,
      [
        "mlx: can't resolve '${xx}': there is no xx, did you mean 'x'?",
        '  without --resolve it is shown as it is written',
      ],
    ],
  ],
  'override-unresolvable': [
    [
      { span: at('a=${xx}', '${xx}'), text: '${xx}', problem: { kind: 'no-key', key: 'xx' }, near: 'x' },
      2,
      [
        "mlx: '${xx}' stands for nothing: there is no xx, did you mean 'x'?",
        '    a=${xx}',
        '      ^^^^^',
        '  \\${ stands for a plain ${',
      ],
    ],
  ],
};
