import type { ProgramFailure } from '../../../src/failures/program.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<ProgramFailure> = {
  'no-program': [
    [{}, 2, ['mlx: no program to run', '  write mlx run PROGRAM OVERRIDES… or mlx run OVERRIDES… -- COMMAND ARGS…']],
  ],
  'program-missing': [
    [
      { path: './trian.py', near: './train.py' },
      2,
      [
        "mlx: there is no program './trian.py', did you mean './train.py'?",
        '  a command that is found on PATH goes after --: mlx run OVERRIDES… -- COMMAND',
      ],
    ],
  ],
  'program-not-file': [[{ path: 'src' }, 2, ["mlx: the program 'src' is not a file", '  name the file to run']]],
  'program-not-executable': [
    [
      { path: 'train' },
      2,
      ["mlx: the program 'train' is not executable", '  chmod +x train, or say what runs it with --interpreter'],
    ],
  ],
  'command-not-found': [
    [
      { word: 'pyhton', neededBy: undefined },
      2,
      ["mlx: command 'pyhton' is not on PATH", '  install it, or give its full path'],
    ],
    [
      { word: "python3' or 'python", neededBy: 'train.py' },
      2,
      [
        "mlx: 'python3' or 'python', needed for 'train.py', is not on PATH",
        '  activate its environment, or say what runs the program with --interpreter',
      ],
    ],
  ],
  'bad-step': [
    [
      { text: 'train', problem: { kind: 'not-a-step' } },
      2,
      ["mlx: 'train' is no step of a run", "  expected a name, a colon and a command: 'train: python train.py'"],
    ],
    [
      { text: 'train', problem: { kind: 'bad-name' } },
      2,
      ["mlx: 'train' is no step of a run", "  a step's name has letters, digits, _ . and -"],
    ],
    [
      { text: 'train', problem: { kind: 'name-twice' } },
      2,
      ["mlx: 'train' is no step of a run", '  another step has this name'],
    ],
    [
      { text: 'train', problem: { kind: 'no-command' } },
      2,
      ["mlx: 'train' is no step of a run", '  a step needs a command'],
    ],
    [
      { text: 'train', problem: { kind: 'needs-shell' } },
      2,
      [
        "mlx: 'train' is no step of a run",
        "  a step is one command without a shell: for anything else write bash -c '…', or put it into a script",
      ],
    ],
    [
      { text: 'train', problem: { kind: 'needs-expansion', word: '$HOME' } },
      2,
      [
        "mlx: 'train' is no step of a run",
        "  no shell replaces $HOME: write it in single quotes where it is meant as it is, or bash -c '…'",
      ],
    ],
  ],
  'steps-and-program': [
    [
      { program: 'src/train.py' },
      2,
      [
        "mlx: a run has steps or a program, and 'src/train.py' stands beside steps",
        "  make it one of them: --step 'train: src/train.py'",
      ],
    ],
  ],
  'swept-key-unused': [
    [
      { key: 'lr', span: at('lr=1,2', 'lr') },
      2,
      [
        "mlx: 'lr' is swept, but the command has placeholders and '{lr}' is not among them",
        '    lr=1,2',
        '    ^^',
        '  put {lr} into the command, or take all placeholders out to have overrides appended',
      ],
    ],
  ],
  'override-not-expressible': [
    [
      { span: at('~lr', '~lr'), style: '--args flags' },
      2,
      [
        'mlx: --args flags has no form for this override',
        '    ~lr',
        '    ^^^',
        '  --args overrides passes it as it is, --args none leaves it to the config file',
      ],
    ],
  ],
};
