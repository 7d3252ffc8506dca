import type { ConfigGroupsFailure } from '../../../src/failures/config-groups.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<ConfigGroupsFailure> = {
  'bad-defaults': [
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'not-a-list' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ a defaults list is a list: its items start with -',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'bad-item' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ an item is the name of a config or GROUP: OPTION',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'no-group' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ a group is missing',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'several-groups' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ an item has one group only; start another with -',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'group-not-text' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ the name of a group is text',
      ],
    ],
    [
      {
        span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'),
        problem: { kind: 'unknown-keyword', word: 'overide', near: 'override' },
      },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        "            ^^ 'overide' is no keyword, did you mean 'override'?",
      ],
    ],
    [
      {
        span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'),
        problem: { kind: 'unknown-keyword', word: 'x', near: undefined },
      },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        "            ^^ 'x' is no keyword; optional and override are",
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'bad-option' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ an option is text (in quotes where it looks like a number), a list of texts or null',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'bad-header', name: '@package' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ a header is one word and its value: # @package VALUE',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'self-twice' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ _self_ stands in the list twice',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'override-before-end' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ overrides stand at the end of a defaults list, and one stands before this',
      ],
    ],
    [
      {
        span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'),
        problem: { kind: 'override-in-interpolated', path: 'db/a' },
      },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ db/a was chosen by interpolation, and can override no group',
      ],
    ],
    [
      { span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'), problem: { kind: 'interpolation-in-list' } },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        '            ^^ options in a list hold no interpolations',
      ],
    ],
    [
      {
        span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'),
        problem: { kind: 'option-unresolvable', text: '${db}_x', groups: ['db', 'net'] },
      },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        "            ^^ ${db}_x can't be resolved; the choices made here are db, net",
      ],
    ],
    [
      {
        span: at('defaults:\n  - db: a\n', 'db', 'config.yaml'),
        problem: { kind: 'option-unresolvable', text: '${db}_x', groups: [] },
      },
      2,
      [
        "mlx: the defaults list 'config.yaml' is not right",
        '  config.yaml:2:5',
        '    2 |   - db: a',
        "            ^^ ${db}_x can't be resolved",
      ],
    ],
  ],
  'no-such-option': [
    [
      {
        group: 'db',
        option: 'mysq',
        options: ['mysql', 'sqlite'],
        near: 'mysql',
        span: at('db=mysq', 'db=mysq'),
        looked: ['configs'],
      },
      2,
      [
        "mlx: the config group 'db' has no option 'mysq', did you mean 'mysql'?",
        '    db=mysq',
        '    ^^^^^^^',
        '  it has mysql, sqlite',
      ],
    ],
    [
      {
        group: 'db',
        option: 'mysql',
        options: undefined,
        near: undefined,
        span: at('db=mysql', 'db=mysql'),
        looked: ['configs', '/data'],
      },
      2,
      [
        "mlx: there is no config 'db/mysql'",
        '    db=mysql',
        '    ^^^^^^^^',
        "  looked in 'configs' and '/data'; a program whose config Python makes runs with --no-config: overrides then pass through unchecked",
      ],
    ],
    [
      {
        group: '',
        option: 'base',
        options: [],
        near: undefined,
        span: at('- base', 'base', 'config.yaml'),
        looked: ['configs'],
      },
      2,
      [
        "mlx: there is no config 'base'",
        '    - base',
        '      ^^^^',
        "  looked in 'configs'; a program whose config Python makes runs with --no-config: overrides then pass through unchecked",
      ],
    ],
  ],
  'option-required': [
    [
      { group: 'db', options: ['mysql', 'sqlite'], span: at('- db: ???', 'db', 'config.yaml') },
      2,
      ["mlx: the config group 'db' has no option yet", '    - db: ???', '      ^^', '  give one: db=mysql, db=sqlite'],
    ],
    [
      { group: 'db', options: 'abcdefghijklmn'.split(''), span: at('- db: ???', 'db', 'config.yaml') },
      2,
      [
        "mlx: the config group 'db' has no option yet",
        '    - db: ???',
        '      ^^',
        '  give one: db=a, db=b, db=c, db=d, db=e, db=f, db=g, db=h, db=i, db=j, db=k, db=l and 2 more',
      ],
    ],
  ],
  'group-not-chosen': [
    [
      { group: 'db', deleted: true, option: 'a', others: [], span: at('~db=b', '~db=b'), override: undefined },
      2,
      [
        "mlx: the config group 'db' has the option 'a', not the one to be deleted",
        '    ~db=b',
        '    ^^^^^',
        '  ~db deletes it whatever it is',
      ],
    ],
    [
      { group: 'db', deleted: true, option: null, others: [], span: at('~db=b', '~db=b'), override: undefined },
      2,
      [
        "mlx: the config group 'db' has no option, not the one to be deleted",
        '    ~db=b',
        '    ^^^^^',
        '  ~db deletes it whatever it is',
      ],
    ],
    [
      { group: 'db', deleted: true, option: undefined, others: ['db@x'], span: at('~db', '~db'), override: undefined },
      2,
      [
        "mlx: no defaults list has the config group 'db', so that there is nothing to delete",
        '    ~db',
        '    ^^^',
        "  did you mean 'db@x'?",
      ],
    ],
    [
      { group: 'db', deleted: false, option: undefined, others: [], span: at('db=b', 'db=b'), override: 'db=b' },
      2,
      [
        "mlx: no defaults list has the config group 'db', so that there is nothing to override",
        '    db=b',
        '    ^^^^',
        '  +db=b adds it',
      ],
    ],
  ],
  'group-twice': [
    [
      { group: 'db', option: 'a', span: at('+db=b', '+db=b') },
      2,
      [
        "mlx: the config group 'db' is given twice: it has the option 'a' already",
        '    +db=b',
        '    ^^^^^',
        '  leave out the + of an override; in a defaults list write override db: OPTION',
      ],
    ],
  ],
  'bad-group-override': [
    [
      { span: at('++db=a', '++db=a'), problem: { kind: 'set-either-way', key: 'db' } },
      2,
      [
        "mlx: can't choose an option of a config group",
        '    ++db=a',
        '    ^^^^^^ db is a config group: + adds one, ++ is for values',
      ],
    ],
    [
      { span: at('++db=a', '++db=a'), problem: { kind: 'several-deleted' } },
      2,
      [
        "mlx: can't choose an option of a config group",
        '    ++db=a',
        '    ^^^^^^ what is deleted of a group is one option',
      ],
    ],
    [
      { span: at('++db=a', '++db=a'), problem: { kind: 'bad-option', key: 'db' } },
      2,
      [
        "mlx: can't choose an option of a config group",
        '    ++db=a',
        '    ^^^^^^ db is a config group: its option is a text or a list of texts',
      ],
    ],
  ],
  'group-unknown': [
    [
      { group: 'db', span: at('db@x=1', 'db') },
      2,
      [
        "mlx: 'db' is no config group, so it has no package",
        '    db@x=1',
        '    ^^',
        '  leave out the @ to change a value; a program whose config Python makes runs with --no-config: overrides then pass through unchecked',
      ],
    ],
  ],
  'unknown-group': [
    [
      { group: 'db', span: at('db=glob(*)', 'db'), looked: ['configs/db'] },
      2,
      [
        "mlx: there is no config group 'db'",
        '    db=glob(*)',
        '    ^^',
        "  looked for the directory 'configs/db'; --config-path says where configs are",
      ],
    ],
  ],
};
