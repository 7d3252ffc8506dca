import type { EnginesFailure } from '../../../src/failures/engines.js';
import type { Samples } from './samples.js';

export const samples: Samples<EnginesFailure> = {
  'unknown-engine': [
    [
      { name: 'slrum', near: 'slurm' },
      2,
      [
        "mlx: unknown engine 'slrum', did you mean 'slurm'?",
        '  expected here, slurm, oar, sge, pbs, torque, lsf, mwm, or the path of a module: ./my-engine.mjs',
      ],
    ],
  ],
  'no-engine': [
    [
      { detected: [], looked: ['sbatch', 'oarsub'], file: 'configs/mlx.yaml' },
      3,
      [
        'mlx: no engine is configured, and none was found on this machine: looked for sbatch, oarsub',
        '  name one with --scheduler ENGINE, or leave it out to run here',
      ],
    ],
    [
      { detected: ['slurm', 'oar'], looked: ['sbatch'], file: 'configs/mlx.yaml' },
      2,
      [
        'mlx: no engine is configured; on this machine there is slurm and oar',
        '  say --scheduler slurm, or write into configs/mlx.yaml',
        '    scheduler:',
        '      name: slurm',
      ],
    ],
  ],
  'engine-missing': [
    [
      { engine: 'Slurm', command: 'sbatch' },
      3,
      [
        "mlx: Slurm is not on this machine: there is no 'sbatch' on PATH; nothing was submitted",
        '  log in where jobs are submitted from, or leave out --scheduler to run on this machine',
      ],
    ],
  ],
  'bad-engine-module': [
    [
      { path: './e.mjs', problem: { kind: 'not-loaded', message: 'ENOENT' } },
      2,
      [
        "mlx: './e.mjs' is no engine: ENOENT",
        '  docs/engines.md tells what it has to export, and examples/my-engine is one that works',
      ],
    ],
    [
      { path: './e.mjs', problem: { kind: 'no-export' } },
      2,
      [
        "mlx: './e.mjs' is no engine: it exports neither 'engine' nor a default",
        '  docs/engines.md tells what it has to export, and examples/my-engine is one that works',
      ],
    ],
    [
      { path: './e.mjs', problem: { kind: 'member-missing', member: 'polls', type: 'object' } },
      2,
      [
        "mlx: './e.mjs' is no engine: its engine has no object 'polls'",
        '  docs/engines.md tells what it has to export, and examples/my-engine is one that works',
      ],
    ],
  ],
  'engine-trouble': [
    [{ engine: 'Slurm', words: 'slurm_load_jobs error' }, 3, ['mlx: Slurm did not do it: slurm_load_jobs error']],
    [{ engine: 'Slurm', words: undefined }, 3, ['mlx: Slurm did not do it: it does not tell which jobs it has']],
    [
      { engine: 'Slurm', words: 'timed out', again: 'mlx resume' },
      3,
      ['mlx: Slurm did not do it: timed out', '  once it answers, mlx resume goes on'],
    ],
  ],
  'no-queues': [
    [
      { engine: 'local' },
      2,
      [
        'mlx: the local queue has no queues of an engine',
        '  mlx queues --scheduler slurm asks an engine; mlx list shows what is in the local queue',
      ],
    ],
    [
      { engine: 'here' },
      2,
      [
        'mlx: this machine has no queues of an engine',
        '  mlx queues --scheduler slurm asks an engine; mlx list shows what is in the local queue',
      ],
    ],
  ],
  'needs-engine': [
    [
      { option: '--time' },
      2,
      [
        "mlx: '--time' is for jobs, and these runs are processes on this machine",
        '  add --scheduler to submit them, or leave it out',
      ],
    ],
  ],
  'needs-retries': [
    [
      {},
      2,
      [
        'mlx: --retry-on says after which failures a run is tried again, and nothing says how often',
        '  add --retries N',
      ],
    ],
  ],
  'needs-time': [
    [
      { option: '--signal' },
      2,
      [
        "mlx: '--signal' counts back from the time limit, and none is known",
        '  say how long a run may take: --time 2h',
      ],
    ],
  ],
  'bad-resource': [
    [
      { resource: 'time', value: 'x', expected: { kind: 'time' } },
      2,
      ["mlx: 'x' is no value for 'time'", '  expected a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)'],
    ],
    [
      { resource: 'cpus', value: 'x', expected: { kind: 'count' } },
      2,
      ["mlx: 'x' is no value for 'cpus'", '  expected a whole number, 1 or more'],
    ],
    [
      { resource: 'mem', value: 'x', expected: { kind: 'memory' } },
      2,
      ["mlx: 'x' is no value for 'mem'", '  expected an amount with its unit: 8G, 512M'],
    ],
    [
      { resource: 'partition', value: 'x', expected: { kind: 'word' } },
      2,
      ["mlx: 'x' is no value for 'partition'", '  expected a name without blanks and quotes'],
    ],
    [
      { resource: 'name', value: 'x', expected: { kind: 'name' } },
      2,
      ["mlx: 'x' is no value for 'name'", '  expected a name on one line'],
    ],
    [
      { resource: 'constraint', value: 'x', expected: { kind: 'line' } },
      2,
      ["mlx: 'x' is no value for 'constraint'", '  expected text on one line'],
    ],
    [
      { resource: 'continueOnTimeout', value: 'x', expected: { kind: 'times' } },
      2,
      ["mlx: 'x' is no value for 'continue-on-timeout'", '  expected nothing, or how often at most: 1, 2, …'],
    ],
    [
      { resource: 'signal', value: 'x', expected: { kind: 'signal', signals: ['USR1', 'TERM'] } },
      2,
      [
        "mlx: 'x' is no value for 'signal'",
        '  expected a signal and how long before the time limit, such as USR1@120 or USR1@2m; signals: USR1, TERM',
      ],
    ],
    [
      { resource: 'signalTo', value: 'x', expected: { kind: 'signal-to' } },
      2,
      ["mlx: 'x' is no value for 'signal-to'", '  expected program or group'],
    ],
    [
      { resource: 'signal', value: 'x', expected: { kind: 'signal-before', limit: 60 } },
      2,
      [
        "mlx: 'x' is no value for 'signal'",
        '  expected a signal less than 00:01:00 before the limit, which is the time that there is',
      ],
    ],
    [
      { resource: 'mem', value: 'x', expected: { kind: 'amount-of-run', id: 4 } },
      2,
      ["mlx: 'x' is no value for 'mem'", '  expected an amount, since run 4 asked for none'],
    ],
  ],
  'resource-unsupported': [
    [
      { engine: 'Slurm', resource: 'tasks', problem: { kind: 'uneven-tasks', tasks: 3, nodes: 2 } },
      2,
      ["mlx: Slurm can't express '--tasks'", '  3 tasks do not spread evenly over 2 nodes'],
    ],
    [
      { engine: 'Slurm', resource: 'partition', problem: { kind: 'one-queue' } },
      2,
      ["mlx: Slurm can't express '--partition'", '  a job is in one queue: name one'],
    ],
    [
      { engine: 'Slurm', resource: 'signalTo', problem: { kind: 'signals-group' } },
      2,
      ["mlx: Slurm can't express '--signal-to'", '  it signals all processes of a job itself'],
    ],
    [
      { engine: 'Slurm', resource: 'grace', problem: { kind: 'grace-decided', by: 'KillWait of the site' } },
      2,
      ["mlx: Slurm can't express '--grace'", '  KillWait of the site decides that'],
    ],
    [
      { engine: 'Slurm', resource: 'grace', problem: { kind: 'grace-decided', by: undefined } },
      2,
      ["mlx: Slurm can't express '--grace'", '  the engine decides that'],
    ],
    [
      { engine: 'Slurm', resource: 'grace', problem: { kind: 'grace-of-execute' } },
      2,
      ["mlx: Slurm can't express '--grace'", '  mlx execute --grace TIME decides that'],
    ],
    [
      { engine: 'Slurm', resource: 'constraint', problem: { kind: 'pbs-constraint' } },
      2,
      ["mlx: Slurm can't express '--constraint'", "  name the resource: --option '-l select=1:NAME=VALUE'"],
    ],
    [
      { engine: 'Slurm', resource: 'mem', problem: { kind: 'oar-memory' } },
      2,
      [
        "mlx: Slurm can't express '--mem'",
        "  its name for memory differs from site to site: --option '-p memnode>=8192'",
      ],
    ],
    [
      { engine: 'OAR', resource: 'exclude', problem: { kind: 'oar-exclude' } },
      2,
      [
        "mlx: OAR can't express '--exclude'",
        `  its nodes have properties: --option "-p network_address not in ('NODE')"`,
      ],
    ],
    [
      { engine: 'OAR', resource: 'maxRunning', problem: { kind: 'arrays-without-limit' } },
      2,
      [
        "mlx: OAR can't express '--max-running'",
        '  for arrays: leave out --array always, and its jobs wait for one another',
      ],
    ],
    [
      { engine: 'Slurm', resource: 'gpus', problem: { kind: 'oar-gpus-and-cpus' } },
      2,
      [
        "mlx: Slurm can't express '--gpus'",
        "  cores go with the GPU: ask for one of them, or --option '-l /nodes=1/gpu=1'",
      ],
    ],
    [
      { engine: 'Slurm', resource: 'nodes', problem: { kind: 'sge-nodes' } },
      2,
      ["mlx: Slurm can't express '--nodes'", '  a parallel environment decides on nodes'],
    ],
    [
      { engine: 'Slurm', resource: 'constraint', problem: { kind: 'sge-constraint' } },
      2,
      ["mlx: Slurm can't express '--constraint'", "  it has no features: --option '-l NAME=VALUE'"],
    ],
    [
      { engine: 'Grid Engine', resource: 'exclude', problem: { kind: 'sge-exclude' } },
      2,
      ["mlx: Grid Engine can't express '--exclude'", "  nodes are a limit: --option '-l h=!(NODE|NODE)'"],
    ],
    [
      { engine: 'Slurm', resource: 'tasks', problem: { kind: 'sge-tasks' } },
      2,
      ["mlx: Slurm can't express '--tasks'", "  a parallel environment has slots: --option '-pe NAME SLOTS'"],
    ],
    [
      { engine: 'LSF', resource: 'exclude', problem: { kind: 'lsf-exclude' } },
      2,
      ["mlx: LSF can't express '--exclude'", '  it knows hosts by their whole names: node3,node4'],
    ],
    [
      { engine: 'Slurm', resource: 'nodes', problem: { kind: 'lsf-nodes' } },
      2,
      ["mlx: Slurm can't express '--nodes'", '  it has slots: say how many with --tasks'],
    ],
  ],
  'unknown-profile': [
    [
      { name: 'bgi', near: 'big', known: ['big', 'small'] },
      2,
      ["mlx: there is no profile 'bgi', did you mean 'big'?", '  the settings define big, small'],
    ],
    [
      { name: 'big', near: undefined, known: [] },
      2,
      ["mlx: there is no profile 'big'", '  the setting scheduler.profiles defines them'],
    ],
  ],
  'bad-native-option': [
    [
      { option: '' },
      2,
      [
        "mlx: '' is no option of an engine",
        "  expected the text of one directive, without its marker: --option '--gres=gpu:1'",
      ],
    ],
  ],
  'native-option-reserved': [
    [
      { option: '--array=1-3', engine: 'Slurm' },
      2,
      [
        "mlx: mlx sets '--array=1-3' itself for each job of Slurm",
        '  leave it out: names, log files and arrays are what tells runs apart',
      ],
    ],
  ],
  'cluster-unknown': [
    [
      { engine: 'Slurm', by: '--clusters=a,b', names: ['a', 'b'] },
      2,
      [
        "mlx: '--clusters=a,b' leaves open which cluster of Slurm the jobs go to, and mlx could not follow them",
        '  name one cluster there',
      ],
    ],
  ],
  'options-contradict': [
    [{ option: '-t 1', resource: 'time' }, 2, ["mlx: '-t 1' and --time ask for the same thing", '  keep one of them']],
  ],
  'dependencies-unsupported': [
    [
      { engine: 'nohup' },
      2,
      [
        "mlx: nohup can't make jobs wait for others",
        '  its module has no function "dependency"; or let mlx wait: mlx wait ID && mlx run …',
      ],
    ],
  ],
  'request-impossible': [
    [
      { engine: 'Slurm', problem: { kind: 'no-queue', name: 'gpuu', near: 'gpu', known: ['gpu', 'cpu'] } },
      3,
      [
        "mlx: Slurm could never run these jobs: it has no queue 'gpuu', did you mean 'gpu'?; there are gpu, cpu; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Slurm', problem: { kind: 'no-queue', name: 'x', near: undefined, known: ['gpu'] } },
      3,
      [
        "mlx: Slurm could never run these jobs: it has no queue 'x'; there are gpu; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Slurm', problem: { kind: 'too-long', queue: 'gpu', asked: '2-00:00:00', most: '1-00:00:00' } },
      3,
      [
        "mlx: Slurm could never run these jobs: a time of 2-00:00:00 is over the 1-00:00:00 of 'gpu'; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Slurm', problem: { kind: 'too-many-cpus', queue: 'gpu', asked: 64, most: 32 } },
      3,
      [
        "mlx: Slurm could never run these jobs: no node of 'gpu' has 64 CPUs, the largest has 32; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Slurm', problem: { kind: 'too-much-memory', queue: 'gpu', asked: '2T', most: '1T' } },
      3,
      [
        "mlx: Slurm could never run these jobs: no node of 'gpu' has 2T of memory, the largest has 1T; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Slurm', problem: { kind: 'too-many-nodes', queue: 'gpu', asked: 9, most: 4 } },
      3,
      [
        "mlx: Slurm could never run these jobs: 'gpu' has 4 nodes, not 9; nothing was submitted",
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
    [
      { engine: 'Grid Engine', problem: { kind: 'said', words: 'no suitable queues' } },
      3,
      [
        'mlx: Grid Engine could never run these jobs: no suitable queues; nothing was submitted',
        '  ask for what there is, or for another queue with --partition',
      ],
    ],
  ],
  'submission-failed': [
    [
      { engine: 'Slurm', words: 'QOSMaxSubmit', launch: 'a1', submitted: 1, total: 3, outcome: 'not-now' },
      3,
      [
        'mlx: Slurm takes no more jobs now: QOSMaxSubmit',
        '  1 of 3 runs was submitted, 2 were not; mlx resume @a1 submits the rest',
      ],
    ],
    [
      { engine: 'Slurm', words: 'QOSMaxSubmit', launch: 'a1', submitted: 3, total: 40, outcome: 'limit' },
      3,
      [
        'mlx: Slurm takes no more jobs now: QOSMaxSubmit',
        '  3 of 40 runs were submitted, 37 were not; mlx resume @a1 submits as many more as go in, and with --max-queued 3 stays to feed in the rest',
      ],
    ],
    [
      { engine: 'Slurm', words: 'QOSMaxSubmit', launch: 'a1', submitted: 0, total: 1, outcome: 'limit' },
      3,
      [
        'mlx: Slurm takes no more jobs now: QOSMaxSubmit',
        '  the run was not submitted; mlx resume @a1 submits as many more as go in, and with --max-queued N stays to feed in the rest',
      ],
    ],
    [
      { engine: 'Slurm', words: 'sbatch did not come back', launch: 'a1', submitted: 0, total: 2, outcome: 'unknown' },
      3,
      [
        'mlx: Slurm takes no more jobs now: it is not known whether the job came in: sbatch did not come back',
        '  0 of 2 runs were submitted, 2 were not; mlx resume @a1 submits the rest',
      ],
    ],
    [
      { engine: 'Slurm', words: 'invalid account', launch: 'a1', submitted: 2, total: 3, outcome: 'refused' },
      3,
      [
        'mlx: Slurm refused: invalid account',
        '  2 of 3 runs were submitted, 1 was not; mlx resume @a1 asks for the same again; for something else, launch again',
      ],
    ],
  ],
};
