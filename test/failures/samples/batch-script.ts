import type { BatchScriptFailure } from '../../../src/failures/batch-script.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<BatchScriptFailure> = {
  'script-unreadable': [
    [
      { name: 'job.sh', problem: { kind: 'nul-bytes' } },
      2,
      ["mlx: can't read the script 'job.sh': it is no text: it holds NUL bytes", '  name a shell script'],
    ],
    [
      { name: 'job.sh', problem: { kind: 'too-long' } },
      2,
      ["mlx: can't read the script 'job.sh': it is longer than 16 MiB", '  name a shell script'],
    ],
    [
      { name: 'job.sh', problem: { kind: 'dos-lines' } },
      2,
      [
        "mlx: can't read the script 'job.sh': its lines end as those of DOS do, which bash takes for words: sed -i 's/\\r$//' mends it",
        '  name a shell script',
      ],
    ],
    [
      { name: 'job.sh', problem: { kind: 'no-shell', line: '/usr/bin/python3' } },
      2,
      [
        "mlx: can't read the script 'job.sh': its first line names /usr/bin/python3, which is no shell",
        '  name a shell script',
      ],
    ],
  ],
  'shell-syntax': [
    [
      { span: at('a\nif (\n', '(', 'job.sh'), problem: { kind: 'parser', message: "Expected 'then'" } },
      2,
      [
        "mlx: 'job.sh' is no shell script that bash could read",
        '  job.sh:2:4',
        '    2 | if (',
        "           ^ expected 'then'",
        '  mend it there; bash -n SCRIPT checks it too',
      ],
    ],
    [
      { span: at('cat <<X\na\n', '<<X', 'job.sh'), problem: { kind: 'endless-here-document' } },
      2,
      [
        "mlx: 'job.sh' is no shell script that bash could read",
        '  job.sh:1:5',
        '    1 | cat <<X',
        '            ^^^ this here-document never ends',
        '  mend it there; bash -n SCRIPT checks it too',
      ],
    ],
  ],
  'bad-directive': [
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'open-quote', engine: 'PBS' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  PBS finds a quote in it that is not closed',
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'no-dash', engine: 'PBS' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  PBS reads options there, which begin with a dash',
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'extra-word', engine: 'Slurm', word: '2' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        "  Slurm does not know what '2' is to say there",
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'quoted-blank', engine: 'Grid Engine' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  Grid Engine takes all behind a quoted blank for one word: put each option on a line of its own',
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'equals-sign', engine: 'OAR', value: '=1:00' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        "  OAR takes '=1:00' for the value: put a blank instead of the =",
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'array' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  each point of the sweep is a job of its own: sweep the index of its tasks (index=range(1,11))',
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'unfit-for-points' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  mlx submits each point as a job of its own, which this does not fit',
      ],
    ],
    [
      {
        span: at('#!/bin/sh\n#SBATCH -t 1 2\n', '#SBATCH -t 1 2', 'job.sh'),
        engine: 'Slurm',
        problem: { kind: 'said', words: 'nothing of that kind' },
      },
      2,
      [
        "mlx: this line of 'job.sh' can't be right for Slurm",
        '  job.sh:2:1',
        '    2 | #SBATCH -t 1 2',
        '        ^^^^^^^^^^^^^^',
        '  nothing of that kind',
      ],
    ],
  ],
  'no-directives': [
    [
      { name: 'job.sh', detected: ['slurm'] },
      2,
      [
        "mlx: 'job.sh' has no directives that tell which engine it is for",
        '  name one with --scheduler (found here: slurm), or --here to run it on this machine',
      ],
    ],
    [
      { name: 'job.sh', detected: [] },
      2,
      [
        "mlx: 'job.sh' has no directives that tell which engine it is for",
        '  name one with --scheduler, or --here to run it on this machine',
      ],
    ],
  ],
  'sweep-inside': [
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'loop', alike: false },
      2,
      [
        'mlx: a command with overrides stands in a loop',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  write the sweep that the loop stands for (seed=1,2,3), without the loop; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'condition', alike: false },
      2,
      [
        'mlx: a command with overrides stands in a condition',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  put it behind the condition, or decide before submitting; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'function', alike: false },
      2,
      [
        'mlx: a command with overrides stands in a function',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  write the command where the function is called; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'subshell', alike: false },
      2,
      [
        'mlx: a command with overrides stands in a subshell',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  leave out the parentheses: each job is a shell of its own; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'group', alike: false },
      2,
      [
        'mlx: a command with overrides stands in braces',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  leave out the braces, and redirect the command itself; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'substitution', alike: false },
      2,
      [
        'mlx: a command with overrides stands in $(…)',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  let the command write a file, and read that after it; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('a\ntrain lr=1,2\n', 'train lr=1,2', 'job.sh'), inside: 'background', alike: false },
      2,
      [
        'mlx: a command with overrides stands in the background',
        '  job.sh:2:1',
        '    2 | train lr=1,2',
        '        ^^^^^^^^^^^^',
        '  leave out the & and the wait: each point is a job of its own; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
    [
      { span: at('train', 'train', 'job.sh'), inside: 'loop', alike: true },
      2,
      [
        'mlx: this starts a program that the script sweeps elsewhere, in a loop',
        '    train',
        '    ^^^^^',
        '  write the sweep that the loop stands for (seed=1,2,3), without the loop; # mlx: setup behind it leaves it as it is, in every job',
      ],
    ],
  ],
  'sweeps-together': [
    [
      { span: at('a x=1,2 | b x=1,2', 'a x=1,2 | b x=1,2', 'job.sh') },
      2,
      [
        'mlx: two commands that are swept stand in one statement',
        '    a x=1,2 | b x=1,2',
        '    ^^^^^^^^^^^^^^^^^',
        '  write each on a line of its own; # mlx: setup behind a line keeps it as it is, in every job',
      ],
    ],
  ],
  'word-expands': [
    [
      { span: at('a x={1,2}', 'x={1,2}', 'job.sh'), by: 'braces', into: undefined },
      2,
      [
        'mlx: the shell would make several words of this, or one without its braces',
        '    a x={1,2}',
        '      ^^^^^^^',
        "  put the override in quotes, 'key={a: 1}' or 'key=[1,2]'; to sweep, write key=a,b",
      ],
    ],
    [
      { span: at('a x=*', 'x=*', 'job.sh'), by: 'glob', into: 'x=1' },
      2,
      [
        "mlx: the shell would put names of files in the place of this: 'x=1'",
        '    a x=*',
        '      ^^^',
        "  put the override in quotes, 'key={a: 1}' or 'key=[1,2]'; to sweep, write key=a,b",
      ],
    ],
  ],
  'sweep-in-environment': [
    [
      { span: at('a $ARGS', '$ARGS', 'job.sh'), variable: 'ARGS', value: 'lr=1,2' },
      2,
      [
        "mlx: the variable 'ARGS' holds a sweep, 'lr=1,2', which the script does not tell",
        '    a $ARGS',
        '      ^^^^^',
        '  write it here, or set it in the script: ARGS=lr=1,2',
      ],
    ],
  ],
  'nothing-swept': [
    [
      { name: 'job.sh', candidates: [at('a\npython train.py\n', 'python train.py', 'job.sh')] },
      2,
      [
        "mlx: no command in 'job.sh' has overrides",
        '  job.sh:2:1',
        '    2 | python train.py',
        '        ^^^^^^^^^^^^^^^ this one?',
        '  give one key=value words, or put # mlx: sweep behind it',
      ],
    ],
    [
      { name: 'job.sh', candidates: [] },
      2,
      ["mlx: no command in 'job.sh' has overrides", '  give one key=value words, or put # mlx: sweep behind it'],
    ],
  ],
};
