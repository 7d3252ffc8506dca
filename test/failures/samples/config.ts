import type { ConfigFailure } from '../../../src/failures/config.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<ConfigFailure> = {
  'config-not-found': [
    [
      { name: 'config.yaml', looked: ['configs', '/data/configs'] },
      2,
      [
        "mlx: there is no config 'config.yaml'",
        "  looked for 'configs' and '/data/configs'; --no-config runs without one",
      ],
    ],
  ],
  'unreadable-file': [
    [
      { path: 'a.yaml', code: 'EACCES' },
      2,
      ["mlx: can't read 'a.yaml': permission denied", '  check the file and its permissions'],
    ],
    [{ path: 'a.yaml', code: 'EWHAT' }, 2, ["mlx: can't read 'a.yaml': EWHAT", '  check the file and its permissions']],
  ],
  'yaml-syntax': [
    [
      {
        span: at('a: 1\nb: [', '[', 'configs/a.yaml'),
        problem: { kind: 'parser', message: 'Flow sequence in block collection must be closed' },
      },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ flow sequence in block collection must be closed',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'second-document' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ a file holds one document, and here a second one starts',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'second-key' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ map keys must be unique',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'own-alias', name: 'a' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ *a would be a part of itself',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'too-deep' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ it is nested too deeply',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'collection-as-key' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ a list or a mapping can be no key',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'anchor-name' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ the name of an anchor is made of letters and digits',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'unknown-tag', tag: '!!set' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ there is nothing like !!set in a config',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'lone-sign', sign: '=' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ a lone = is put in quotes',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'unicode-line-break' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ a line break of Unicode is put in quotes',
        '  mend it there',
      ],
    ],
    [
      { span: at('a: 1\nb: [', '[', 'configs/a.yaml'), problem: { kind: 'question-mark-in-brackets' } },
      2,
      [
        "mlx: 'configs/a.yaml' is not valid YAML",
        '  configs/a.yaml:2:4',
        '    2 | b: [',
        '           ^ between brackets, text that starts with ? is put in quotes',
        '  mend it there',
      ],
    ],
  ],
  'yaml-not-mapping': [
    [
      { path: 'configs/a.yaml' },
      2,
      ["mlx: 'configs/a.yaml' holds no mapping at its top", '  expected lines such as key: value'],
    ],
  ],
  'bad-config': [
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'null-key' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ null can be no key of a config',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'bad-base' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ _base_ is the path of a file, or a list of paths',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'base-missing', location: '/data/b.yaml' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ there is no /data/b.yaml',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'bad-inherit' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ _inherit_ names a mapping: ${name}, or a list of such',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'inherits-itself', chain: ['a', 'b', 'a'] } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ a inherits from b inherits from a',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'inherits-no-mapping', key: 'a.b' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ a.b is no mapping',
      ],
    ],
    [
      { span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'), problem: { kind: 'inherited-kinds-differ', key: 'a.b' } },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        '        ^ a.b is a mapping in one and a list in the other',
      ],
    ],
    [
      {
        span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'),
        problem: { kind: 'no-hydra-key', key: 'hydra.rnu', known: ['run', 'job'] },
      },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        "        ^ Hydra's own config has no hydra.rnu; it has run, job",
      ],
    ],
    [
      {
        span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'),
        problem: { kind: 'no-hydra-key', key: 'hydra', known: undefined },
      },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        "        ^ Hydra's own config has no hydra",
      ],
    ],
    [
      {
        span: at('a: 1\nb: 2\n', 'b', 'configs/a.yaml'),
        problem: { kind: 'unresolvable', text: '${x}', problem: { kind: 'no-key', key: 'x' } },
      },
      2,
      [
        "mlx: the config 'configs/a.yaml' is not right",
        '  configs/a.yaml:2:1',
        '    2 | b: 2',
        "        ^ ${x} can't be resolved: there is no x",
      ],
    ],
  ],
  'bad-search-path': [
    [
      { span: at('hydra.searchpath=[1]', '[1]'), problem: { kind: 'swept' } },
      2,
      [
        "mlx: can't make out the search path of configs",
        '    hydra.searchpath=[1]',
        '                     ^^^ the search path is one list for all runs',
        '  --config-dir DIR names a directory of configs',
      ],
    ],
    [
      { span: at('hydra.searchpath=[1]', '[1]'), problem: { kind: 'entry-not-text' } },
      2,
      [
        "mlx: can't make out the search path of configs",
        '    hydra.searchpath=[1]',
        '                     ^^^ its entries are texts',
        '  --config-dir DIR names a directory of configs',
      ],
    ],
    [
      { span: at('hydra.searchpath=[1]', '[1]'), problem: { kind: 'unknown-scheme', scheme: 's3' } },
      2,
      [
        "mlx: can't make out the search path of configs",
        '    hydra.searchpath=[1]',
        "                     ^^^ 's3://' is none of file:// and pkg://",
        '  --config-dir DIR names a directory of configs',
      ],
    ],
    [
      { span: at('hydra.searchpath=[1]', '[1]'), problem: { kind: 'no-directory', entry: 'pkg://a.b' } },
      2,
      [
        "mlx: can't make out the search path of configs",
        '    hydra.searchpath=[1]',
        '                     ^^^ there is no directory for pkg://a.b to be seen here',
        '  --config-dir DIR names a directory of configs',
      ],
    ],
  ],
  'config-cycle': [
    [
      { path: ['a.yaml', 'b.yaml', 'a.yaml'], span: at('defaults: [a]', 'a]', 'b.yaml') },
      2,
      [
        'mlx: configs include each other in a circle: a.yaml → b.yaml → a.yaml',
        '    defaults: [a]',
        '               ^^',
        '  take one of them out of a defaults list',
      ],
    ],
  ],
  'config-too-large': [
    [
      { what: 'model' },
      2,
      ["mlx: 'model' grows beyond all bounds", '  look for aliases or interpolations that multiply'],
    ],
  ],
  'kinds-differ': [
    [
      { key: 'db', span: at('db: []', 'db', 'a.yaml') },
      2,
      [
        "mlx: 'db' is a mapping in one place and a list in the other, which can't be merged",
        '    db: []',
        '    ^^',
        '  rename one of them, or set it to null first',
      ],
    ],
  ],
  'unknown-key': [
    [
      { key: 'lrr', span: at('lrr=1', 'lrr'), near: 'lr', config: 'config.yaml' },
      2,
      [
        "mlx: 'config.yaml' has no key 'lrr', did you mean 'lr'?",
        '    lrr=1',
        '    ^^^',
        '  a new key is added with +lrr=1',
      ],
    ],
  ],
  'no-hydra-key': [
    [
      { key: 'hydra.jbo', near: 'hydra.job', span: at('hydra.jbo=1', 'hydra.jbo') },
      2,
      [
        "mlx: Hydra's own config has no key 'hydra.jbo', did you mean 'hydra.job'?",
        '    hydra.jbo=1',
        '    ^^^^^^^^^',
        '  a program without Hydra keeps its keys elsewhere',
      ],
    ],
  ],
  'no-such-key': [
    [
      { key: 'lrr', near: 'lr' },
      2,
      ["mlx: the config has no key 'lrr', did you mean 'lr'?", '  mlx config without --package shows all of it'],
    ],
  ],
  'key-exists': [
    [
      { key: 'lr', span: at('+lr=1', 'lr'), config: 'config.yaml' },
      2,
      [
        "mlx: 'config.yaml' has the key 'lr' already",
        '    +lr=1',
        '     ^^',
        '  leave out the + to change it, or write ++lr= to set it either way',
      ],
    ],
  ],
  'not-a-container': [
    [
      { key: 'lr.a', parent: 'lr', span: at('lr.a=1', 'lr.a') },
      2,
      [
        "mlx: can't go into 'lr.a': 'lr' is no mapping, or a list without that index",
        '    lr.a=1',
        '    ^^^^',
        '  check the path',
      ],
    ],
  ],
  'value-differs': [
    [
      { key: 'lr', span: at('~lr=1', 'lr'), found: '2', config: 'config.yaml' },
      2,
      [
        "mlx: 'lr' is '2' in 'config.yaml', not what is to be deleted",
        '    ~lr=1',
        '     ^^',
        '  ~lr deletes it whatever it is',
      ],
    ],
  ],
  'nothing-to-delete': [
    [
      { key: 'lrr', span: at('~lrr', 'lrr'), config: 'config.yaml', isNull: false, near: 'lr' },
      2,
      [
        "mlx: 'config.yaml' has nothing at 'lrr' to be deleted, did you mean 'lr'?",
        '    ~lrr',
        '     ^^^',
        '  leave it out, or check the key',
      ],
    ],
    [
      { key: 'lr', span: at('~lr', 'lr'), config: 'config.yaml', isNull: true, near: undefined },
      2,
      [
        "mlx: 'config.yaml' has nothing at 'lr' to be deleted",
        '    ~lr',
        '     ^^',
        '  it is null, which counts as not there, as in Hydra',
      ],
    ],
  ],
};
