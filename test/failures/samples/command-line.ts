import type { CommandLineFailure } from '../../../src/failures/command-line.js';
import type { Samples } from './samples.js';

export const samples: Samples<CommandLineFailure> = {
  'unknown-command': [
    [
      { word: 'rnu', near: 'run' },
      2,
      ["mlx: unknown command 'rnu', did you mean 'run'?", '  mlx --help lists the commands'],
    ],
    [{ word: 'a\u001b[31mb', near: undefined }, 2, ["mlx: unknown command 'ab'", '  mlx --help lists the commands']],
  ],
  'unknown-topic': [
    [
      { word: 'sweps', near: 'sweeps' },
      2,
      ["mlx: there is no page 'sweps', did you mean 'sweeps'?", '  mlx help lists the commands and the pages'],
    ],
  ],
  'unknown-option': [
    [
      { option: '--paralel', command: 'run', near: '--parallel' },
      2,
      [
        "mlx: unknown option '--paralel', did you mean '--parallel'?",
        '  mlx run --help lists the options; words meant for the program go after --',
      ],
    ],
    [
      { option: '--x', command: 'list', near: undefined },
      2,
      ["mlx: unknown option '--x'", '  mlx list --help lists the options'],
    ],
    [
      { option: '--x', command: '', near: undefined },
      2,
      ["mlx: unknown option '--x'", '  mlx --help lists the options'],
    ],
  ],
  'option-needs-value': [
    [{ option: '--time', shape: 'TIME' }, 2, ["mlx: option '--time' needs a value", '  write --time=TIME']],
  ],
  'option-takes-no-value': [
    [
      { option: '--json', value: 'yes' },
      2,
      ["mlx: option '--json' takes no value, found 'yes'", '  write --json alone'],
    ],
  ],
  'bad-option-value': [
    [
      { option: '--parallel', value: '0', expected: 'a whole number, 1 or more', near: undefined },
      2,
      ["mlx: option '--parallel' can't be '0'", '  expected a whole number, 1 or more'],
    ],
    [
      { option: '--array', value: 'neve', expected: 'auto, always, never', near: 'never' },
      2,
      ["mlx: option '--array' can't be 'neve', did you mean 'never'?", '  expected auto, always, never'],
    ],
  ],
  'options-exclude': [
    [
      { options: ['--here', '--scheduler'] },
      2,
      ["mlx: options '--here' and '--scheduler' exclude each other", '  keep one of them'],
    ],
  ],
  interrupted: [
    [
      { question: 'delete 2 runs? [y/N]', flag: undefined },
      130,
      ["mlx: interrupted at the question 'delete 2 runs? [y/N]'", '  nothing was changed'],
    ],
    [
      { question: 'Please enter your answer (a/b):', flag: '--run-from' },
      130,
      [
        "mlx: interrupted at the question 'Please enter your answer (a/b):'",
        '  nothing was changed; --run-from answers it',
      ],
    ],
  ],
  'needs-answer': [
    [
      { question: 'delete run 1?', flag: '--yes' },
      2,
      ['mlx: nobody is there to answer: delete run 1?', '  --yes answers yes'],
    ],
    [
      { question: 'untracked files?', flag: '--untracked' },
      2,
      ['mlx: nobody is there to answer: untracked files?', '  --untracked answers it; nothing was changed'],
    ],
    [{ question: 'which?', flag: undefined }, 2, ['mlx: nobody is there to answer: which?', '  nothing was changed']],
  ],
  'missing-argument': [
    [{ argument: 'ID', command: 'diff' }, 2, ['mlx: ID is missing', '  mlx diff --help shows how it is written']],
  ],
  'unexpected-argument': [
    [
      { argument: '12', command: 'doctor' },
      2,
      ["mlx: unexpected argument '12'", '  mlx doctor --help shows what it takes'],
    ],
  ],
  'unreadable-argument': [
    [
      { position: 3, problem: 'nul' },
      2,
      ['mlx: word 3 of the command would hold a NUL byte, which no program can be given', '  leave it out'],
    ],
    [
      { position: 1, problem: 'not-utf8' },
      2,
      [
        "mlx: word 1 is not UTF-8, so it can't be passed on byte for byte",
        '  put such bytes into a file and pass its name',
      ],
    ],
  ],
  'selection-missing': [
    [
      { command: 'stop', count: 2 },
      2,
      [
        'mlx: which runs? mlx stop could be meant for 2 runs',
        '  name them (5, 12-40, @last, failed, --where EXPR), or say --all',
      ],
    ],
  ],
  'bad-tasks': [
    [
      { text: '5-2', problem: "'5-2' ends before it begins" },
      2,
      [
        "mlx: '5-2' names no tasks: '5-2' ends before it begins",
        '  -t takes 10 (1 to 10), 2-20:2, 1,4,7-9, each with %5 behind it for five at once',
      ],
    ],
  ],
};
