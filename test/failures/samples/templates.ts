import type { TemplatesFailure } from '../../../src/failures/templates.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<TemplatesFailure> = {
  'unknown-word': [
    [
      { what: 'mode', word: 'gpuu', known: ['cpu', 'gpu'], near: 'gpu' },
      2,
      ["mlx: there is no mode 'gpuu', did you mean 'gpu'?", '  there are cpu, gpu'],
    ],
  ],
  'missing-count': [
    [
      { count: 'n_procs', mode: 'mpi' },
      2,
      ['mlx: mpi needs --n_procs', '  say --n_procs N, or n_procs: N in the section mpi of the config'],
    ],
  ],
  'count-of-other-mode': [
    [
      { count: 'n_gpus', mode: 'cpu', known: ['n_tasks', 'n_procs'] },
      2,
      ['mlx: cpu takes no --n_gpus', '  it takes --n_tasks, --n_procs'],
    ],
  ],
  'bad-job-config': [
    [
      { span: at('cpu:\n  job: x\n', 'job', 'job.yaml'), problem: { kind: 'no-job', section: 'cpu' } },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ cpu has no job: the lines of shell to run, with {command} in them',
      ],
    ],
    [
      {
        span: at('cpu:\n  job: x\n', 'job', 'job.yaml'),
        problem: { kind: 'no-section', section: 'cpu-array', known: ['cpu', 'gpu'] },
      },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ there is no section cpu-array, which --n_tasks asks for; it has cpu, gpu',
      ],
    ],
    [
      { span: at('cpu:\n  job: x\n', 'job', 'job.yaml'), problem: { kind: 'no-section', section: 'mpi', known: [] } },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ there is no section mpi; it has none',
      ],
    ],
    [
      { span: at('cpu:\n  job: x\n', 'job', 'job.yaml'), problem: { kind: 'no-submit-command', key: 'qsub' } },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ there is no qsub: the command that submits a job',
      ],
    ],
    [
      { span: at('cpu:\n  job: x\n', 'job', 'job.yaml'), problem: { kind: 'not-a-count', key: 'cpu.n_procs' } },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ cpu.n_procs is to be a whole number, 1 or more',
      ],
    ],
    [
      {
        span: at('cpu:\n  job: x\n', 'job', 'job.yaml'),
        problem: { kind: 'not-text', key: 'cpu.job', isMapping: true },
      },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ cpu.job is to be text: in quotes, where it begins with a brace',
      ],
    ],
    [
      {
        span: at('cpu:\n  job: x\n', 'job', 'job.yaml'),
        problem: { kind: 'not-text', key: 'cpu.job', isMapping: false },
      },
      2,
      [
        "mlx: the config 'job.yaml' is not right",
        '  job.yaml:2:3',
        '    2 |   job: x',
        '          ^^^ cpu.job is to be text',
      ],
    ],
  ],
  'template-field': [
    [
      {
        span: at('job: x {args.n}', '{args.n}', 'job.yaml'),
        field: '{args.n}',
        problem: { kind: 'no-command' },
        near: undefined,
      },
      2,
      [
        "mlx: can't fill in {args.n}: there is no command at this place",
        '    job: x {args.n}',
        '           ^^^^^^^^',
        "  braces that are not mlx's stay as they are; {{ and }} stand for { and }",
      ],
    ],
    [
      {
        span: at('job: x {args.n}', '{args.n}', 'job.yaml'),
        field: '{args.n}',
        problem: { kind: 'unknown-field', known: ['mode', 'n_tasks'] },
        near: '{args.n_tasks}',
      },
      2,
      [
        "mlx: can't fill in {args.n}: there are {args.mode}, {args.n_tasks}, did you mean '{args.n_tasks}'?",
        '    job: x {args.n}',
        '           ^^^^^^^^',
        "  braces that are not mlx's stay as they are; {{ and }} stand for { and }",
      ],
    ],
    [
      {
        span: at('job: x {args.n}', '{args.n}', 'job.yaml'),
        field: '{args.n}',
        problem: { kind: 'no-value', field: 'n_procs', section: 'cpu-array' },
        near: undefined,
      },
      2,
      [
        "mlx: can't fill in {args.n}: it has no value: --n_procs N, or n_procs: N in cpu-array",
        '    job: x {args.n}',
        '           ^^^^^^^^',
        "  braces that are not mlx's stay as they are; {{ and }} stand for { and }",
      ],
    ],
    [
      {
        span: at('job: x {args.n}', '{args.n}', 'job.yaml'),
        field: '{args.n}',
        problem: { kind: 'no-value', field: 'walltime', section: undefined },
        near: undefined,
      },
      2,
      [
        "mlx: can't fill in {args.n}: it has no value: --walltime, or walltime in the config",
        '    job: x {args.n}',
        '           ^^^^^^^^',
        "  braces that are not mlx's stay as they are; {{ and }} stand for { and }",
      ],
    ],
  ],
  'submission-template': [
    [
      { span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'), text: 'qsub -x', problem: { kind: 'not-one-command' } },
      2,
      [
        "mlx: can't work out the command that submits the job: it is to be one command",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      { span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'), text: 'qsub -x', problem: { kind: 'not-only-words' } },
      2,
      [
        "mlx: can't work out the command that submits the job: it is to be a command and its options, no redirection",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      { span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'), text: 'qsub -x', problem: { kind: 'bash-missing' } },
      2,
      [
        "mlx: can't work out the command that submits the job: bash is not on this machine",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      {
        span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'),
        text: 'qsub -x',
        problem: { kind: 'bash-failed', words: 'X: unbound variable' },
      },
      2,
      [
        "mlx: can't work out the command that submits the job: X: unbound variable",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      { span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'), text: 'qsub -x', problem: { kind: 'array-unneeded' } },
      2,
      [
        "mlx: can't work out the command that submits the job: it asks for an array, which is for --n_tasks",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      {
        span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'),
        text: 'qsub -x',
        problem: { kind: 'array-missing', section: 'cpu-array' },
      },
      2,
      [
        "mlx: can't work out the command that submits the job: cpu-array is an array, for which it does not ask",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
    [
      {
        span: at('qsub: qsub -x', 'qsub -x', 'job.yaml'),
        text: 'qsub -x',
        problem: {
          kind: 'array-differs',
          asked: [1, 2, 3, 4],
          tasks: 10,
          tasksPerProc: 1,
          procs: 2,
          elements: 5,
          tasksPerElement: 2,
        },
      },
      2,
      [
        "mlx: can't work out the command that submits the job: it asks for 4 elements (1, 2, … 4), but 10 tasks, 1 for each of 2 workers, are 5 elements: 1-10:2, or 1-5",
        '    qsub: qsub -x',
        '          ^^^^^^^',
        '  its words are those of qsub -x',
      ],
    ],
  ],
  'log-unusable': [
    [
      { path: 'x/y.log', code: 'ENOENT' },
      2,
      ["mlx: can't write 'x/y.log': it does not exist", '  name a LOG_FILENAME in a directory that can be written to'],
    ],
  ],
  'log-in-use': [
    [
      { path: 'y.log', ids: [3] },
      2,
      [
        "mlx: 'y.log' is the log of run 3, which may still write to it",
        '  wait for that (mlx watch), stop it (mlx stop), or name another LOG_FILENAME',
      ],
    ],
    [
      { path: 'y.log', ids: [3, 4] },
      2,
      [
        "mlx: 'y.log' is the log of runs 3 4, which may still write to it",
        '  wait for that (mlx watch), stop it (mlx stop), or name another LOG_FILENAME',
      ],
    ],
  ],
};
