import { engineNamed } from '../scheduler/engines.js';
import type { CommandSpec, OptionSpec, PositionalSpec } from './command.js';

const store: OptionSpec = {
  name: 'store',
  type: 'text',
  shape: 'DIR',
  help: 'the directory of the runs (default: the setting logger.parent_log_dir, ./logs)',
};
const json: OptionSpec = { name: 'json', type: 'flag', help: 'print JSON instead of text' };
const quiet: OptionSpec = { name: 'quiet', short: 'q', type: 'flag', help: 'print errors only' };
const stream: OptionSpec = {
  name: 'stream',
  type: 'flag',
  help: 'show the output of runs here, each line with its run',
};
const parallel: OptionSpec = {
  name: 'parallel',
  short: 'j',
  type: 'count',
  shape: 'N',
  help: 'how many runs at once (default: CPU cores)',
};
const dryRun: OptionSpec = {
  name: 'dry-run',
  short: 'n',
  type: 'flag',
  help: 'show the plan, the runs and one script; write nothing',
};
const failFast: OptionSpec = { name: 'fail-fast', type: 'flag', help: 'stop the rest when a run ends badly' };
const scheduler: OptionSpec = {
  name: 'scheduler',
  type: 'optional',
  shape: 'ENGINE',
  accepts: (word) => engineNamed(word) !== undefined,
  help: 'submit them: to ENGINE (slurm, oar, sge, pbs, torque, lsf, mwm, ./my-engine.mjs), else to the configured one',
};
const jobOptions: readonly OptionSpec[] = [
  {
    name: 'time',
    type: 'text',
    shape: 'TIME',
    help: "each job's time limit: 90m, 2h30m, 1:30:00, 1-12 (here: as --walltime)",
  },
  { name: 'cpus', type: 'text', shape: 'N', help: 'CPU cores of each task' },
  { name: 'gpus', type: 'text', shape: 'N', help: 'GPUs on each node' },
  { name: 'mem', type: 'text', shape: 'SIZE', help: 'memory on each node: 8G, 512M' },
  { name: 'partition', type: 'text', shape: 'NAME', help: 'the queue' },
  { name: 'nodes', type: 'text', shape: 'N', help: 'how many nodes' },
  { name: 'tasks', type: 'text', shape: 'N', help: 'how many processes over all nodes' },
  { name: 'account', type: 'text', shape: 'NAME', help: 'who pays' },
  { name: 'name', type: 'text', shape: 'NAME', help: "the jobs' name (default: logs/ID)" },
  { name: 'constraint', type: 'text', shape: 'TEXT', help: "what nodes must have, in the engine's words" },
  { name: 'requeue', type: 'flag', help: 'the engine may start a job again by itself' },
  { name: 'no-requeue', type: 'flag', help: 'it may not' },
  {
    name: 'option',
    type: 'list',
    shape: 'TEXT',
    help: "an option in the engine's own words: --option '-l core=1'; may be repeated",
  },
  { name: 'profile', type: 'text', shape: 'NAME', help: 'resources from the setting scheduler.profiles' },
  {
    name: 'export',
    type: 'list',
    shape: 'NAME',
    help: 'set this variable in the scripts as it is now; may be repeated',
  },
  {
    name: 'array',
    type: 'text',
    shape: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'array jobs: for more than 32 jobs, always or never',
  },
  { name: 'max-running', type: 'count', shape: 'N', help: 'how many tasks of an array may run at once' },
  { name: 'pack', type: 'count', shape: 'K', help: 'K runs per job, one after the other' },
  {
    name: 'max-queued',
    type: 'count',
    shape: 'N',
    help: 'keep no more than N jobs in the queue, and wait to feed in the rest',
  },
  {
    name: 'on-submit-error',
    type: 'text',
    shape: 'WHAT',
    choices: ['stop', 'continue'],
    help: 'when the engine refuses a job: stop (default), or continue with the rest',
  },
  { name: 'wait', type: 'flag', help: 'follow the jobs to their ends; Ctrl-C then leaves them alone' },
  { name: 'verbose', short: 'v', type: 'flag', help: 'print each script before it is submitted' },
];
const help: OptionSpec = { name: 'help', short: 'h', type: 'flag', help: 'show this help' };

const pointsOptions: readonly OptionSpec[] = [
  {
    name: 'zip',
    type: 'list',
    shape: 'A,B',
    help: 'move these keys together instead of crossing them; may be repeated',
  },
  {
    name: 'where',
    type: 'list',
    shape: 'EXPR',
    help: "keep the points for which it holds: 'model.depth * model.width < 4096'; may be repeated",
  },
  {
    name: 'sample',
    type: 'count',
    shape: 'N',
    help: 'draw N points at random, from interval(a,b) and tag(log,interval(a,b)) too',
  },
  {
    name: 'sample-seed',
    type: 'index',
    shape: 'SEED',
    help: 'another draw, and another order of shuffle() (default: 0)',
  },
  { name: 'points', type: 'text', shape: 'FILE', help: 'points one by one, from a .csv, .jsonl or .yaml file' },
  { name: 'sweep', type: 'text', shape: 'FILE', help: 'a sweep kept in a YAML file; overrides go over it' },
  { name: 'skip-existing', type: 'flag', help: 'leave out what a COMPLETE run of this command and config covers' },
  {
    name: 'repeat',
    type: 'count',
    shape: 'K',
    help: 'run each point K times; the program finds which time in MLX_REPEAT',
  },
  { name: 'first', type: 'flag', help: 'run the first point alone' },
  {
    name: 'point',
    type: 'index',
    shape: 'I',
    help: 'run the point with this number alone, as --dry-run shows it, from 0',
  },
  { name: 'count', type: 'flag', help: 'tell how many points there are; run nothing' },
];

const configPath: OptionSpec = {
  name: 'config-path',
  type: 'text',
  shape: 'DIR',
  help: 'where the config and its groups are (default: configs, beside PROGRAM or here)',
};
const configName: OptionSpec = {
  name: 'config-name',
  type: 'text',
  shape: 'NAME',
  help: 'which config (default: config)',
};
const noConfig: OptionSpec = {
  name: 'no-config',
  type: 'flag',
  help: 'use no config file: the overrides are the config',
};
const maxRuns: OptionSpec = {
  name: 'max-runs',
  type: 'count',
  shape: 'N',
  help: 'refuse a larger sweep (default: 10000)',
};

const readOnly: OptionSpec = {
  name: 'read-only',
  type: 'flag',
  help: 'with --versioned: a copy in which no file can be written',
};

/** Which version of the code runs. */
const versionOptions: readonly OptionSpec[] = [
  {
    name: 'versioned',
    type: 'flag',
    help: 'fix the code in git, and run it from a copy of the commit (setting use_version_manager)',
  },
  {
    name: 'untracked',
    type: 'text',
    shape: 'WHAT',
    choices: ['add', 'ignore', 'fail'],
    help: 'with --versioned: files that git does not know go into the commit, are left out, or end the launch',
  },
  {
    name: 'uncommitted',
    type: 'text',
    shape: 'WHAT',
    choices: ['commit', 'snapshot', 'ignore', 'fail'],
    help: 'changes are committed, kept in a commit beside the branch, left out (and kept as a patch), or end the launch',
  },
  {
    name: 'run-from',
    type: 'text',
    shape: 'PLACE',
    choices: ['copy', 'here'],
    help: 'a copy of the commit in .workdir (the default without a terminal), or the files here',
  },
  readOnly,
];

const selectedRuns: PositionalSpec = {
  name: 'RUNS',
  help: '5, 12-40, 1,2,5-8, @last (the last launch), @LAUNCH, a status such as failed',
};

/** Which runs a command is for, beside the words that name them. */
const selectionOptions: readonly OptionSpec[] = [
  {
    name: 'where',
    type: 'text',
    shape: 'EXPR',
    help: 'keep runs for which it holds: \'config.lr < 0.1 & info.status == "COMPLETE"\'',
  },
  {
    name: 'status',
    type: 'text',
    shape: 'STATUS',
    help: 'keep runs with this status, or one of several: failed,lost',
  },
  { name: 'launch', type: 'text', shape: 'LAUNCH', help: 'keep runs of this launch; @last is the last one' },
  {
    name: 'engine-job',
    type: 'text',
    shape: 'ID',
    help: 'keep runs that are this job of their engine, or a task of this array',
  },
];

const allRuns: OptionSpec = { name: 'all', type: 'flag', help: 'all that the command is for, without a question' };

/** Every command of mlx. */
export const commands: readonly CommandSpec[] = [
  {
    name: 'run',
    aliases: [],
    summary: 'run a program once per point of a sweep',
    usage: 'mlx run [OPTIONS] PROGRAM OVERRIDES… [-- ARGS…]',
    positionals: [
      {
        name: 'PROGRAM',
        help: 'the file to run: .py with python, .sh bash, .js node, .R Rscript, .jl julia, else itself',
      },
      {
        name: 'OVERRIDES',
        help: "key=value words in Hydra's grammar; key=a,b sweeps, several sweeps make a cross-product",
      },
      { name: 'ARGS', help: "the program's own arguments, as they are; without PROGRAM, the whole command" },
    ],
    options: [
      parallel,
      dryRun,
      ...pointsOptions,
      {
        name: 'walltime',
        type: 'duration',
        shape: 'TIME',
        help: 'end a run over this limit as TIMEOUT: 90, 90m, 2h30m, 1:30:00, 1-12',
      },
      failFast,
      stream,
      {
        name: 'args',
        type: 'text',
        shape: 'STYLE',
        choices: ['overrides', 'flags', 'canonical', 'none'],
        help: 'how a point reaches the program: key=value as typed, --key=value, as Hydra spells it, or not at all',
      },
      {
        name: 'program',
        type: 'text',
        shape: 'KIND',
        choices: ['hydra', 'mlxp'],
        help: 'a program that keeps records itself is told to keep them in the run directory',
      },
      { name: 'interpreter', type: 'text', shape: 'CMD', help: "what runs PROGRAM, instead of its suffix's" },
      configPath,
      configName,
      noConfig,
      scheduler,
      ...jobOptions,
      ...versionOptions,
      {
        name: 'log-id',
        type: 'index',
        shape: 'ID',
        help: 'continue in run ID, as a new attempt (setting logger.forced_log_id)',
      },
      maxRuns,
      store,
      quiet,
      json,
      help,
    ],
    examples: [
      ['mlx run train.py lr=1e-3,1e-2 seed=1,2', 'four runs, in parallel'],
      ['mlx run train.py lr=0.1 --dry-run', 'what would be done'],
      ['mlx run train.py lr=1e-3,1e-2 --scheduler slurm --time 2h --gpus 1', 'two jobs of Slurm'],
      [
        'mlx run train.py seed=1,2 --versioned --scheduler',
        'jobs that run the code as it is now, whatever is edited later',
      ],
      ['mlx run seed=1,2 -- python -m pkg.train --epochs 10', 'a command with arguments of its own'],
      ['mlx run seed=1,2 -- ./sim --seed {seed} --out {log_dir}/out.csv', 'values in place'],
    ],
    load: () => import('./commands/run.js'),
  },
  {
    name: 'sub',
    aliases: [],
    summary: 'sweep the commands of a batch script (also: mlxsub)',
    usage: 'mlxsub [OPTIONS] SCRIPT [OVERRIDES…]',
    positionals: [
      {
        name: 'SCRIPT',
        help: 'a shell script with #OAR, #SBATCH, #$, #PBS, #BSUB or #MSUB lines; - for standard input',
      },
      { name: 'OVERRIDES', help: 'further key=value words for each command that becomes runs' },
    ],
    options: [
      dryRun,
      { name: 'here', type: 'flag', help: 'run the jobs on this machine, without any engine' },
      scheduler,
      ...jobOptions,
      ...versionOptions,
      parallel,
      failFast,
      stream,
      configPath,
      configName,
      noConfig,
      maxRuns,
      store,
      quiet,
      json,
      help,
    ],
    examples: [
      ['mlxsub script.sh', 'a job for each point of each command that is swept'],
      ['mlxsub script.sh --dry-run', 'what was taken for what, the jobs, and one script'],
      ['mlxsub script.sh seed=5 --time 4h', 'with one more override, and another limit'],
    ],
    load: () => import('./commands/sub.js'),
  },
  {
    name: 'rerun',
    aliases: [],
    summary: 'run the same experiment again',
    usage: 'mlx rerun ID [OVERRIDES…] [OPTIONS]',
    positionals: [
      { name: 'ID', help: 'the run whose command, config and environment are used again' },
      { name: 'OVERRIDES', help: 'further key=value words over those of the run; they may sweep' },
    ],
    options: [
      { name: 'in-place', type: 'flag', help: 'as a new attempt in the same directory, not as a new run' },
      { name: 'here', type: 'flag', help: 'on this machine (default: where it ran, on this machine or in the engine)' },
      { name: 'wait', type: 'flag', help: 'of a job: follow it to its end' },
      {
        name: 'versioned',
        type: 'flag',
        help: 'from a copy of the commit that it ran, made again where it was removed',
      },
      readOnly,
      scheduler,
      parallel,
      dryRun,
      failFast,
      stream,
      store,
      quiet,
      json,
      help,
    ],
    examples: [
      ['mlx rerun 5', 'a new run like run 5'],
      ['mlx rerun 5 optimizer.lr=0.1', 'with another learning rate'],
      ['mlx rerun 5 --in-place', 'the next attempt of run 5 itself'],
      ['mlx rerun 5 --versioned', 'with the code of the commit that it ran'],
    ],
    load: () => import('./commands/rerun.js'),
  },
  {
    name: 'resume',
    aliases: [],
    summary: 'finish a launch that was interrupted',
    usage: 'mlx resume [LAUNCH] [OPTIONS]',
    positionals: [
      {
        name: 'LAUNCH',
        help: 'which launch, as mlx show ID tells it, or @last (default: the last one that is not done)',
      },
    ],
    options: [
      { ...parallel, help: 'how many runs at once (default: as at the launch)' },
      { ...dryRun, help: 'show what is left to do; write nothing' },
      { name: 'wait', type: 'flag', help: 'of jobs: follow them to their ends' },
      { name: 'verbose', short: 'v', type: 'flag', help: 'of jobs: print each script' },
      { name: 'force', type: 'flag', help: "take what ran on a host that can't be seen from here for gone" },
      stream,
      store,
      quiet,
      json,
      help,
    ],
    examples: [['mlx resume', 'starts what is missing, was stopped or was lost, and nothing twice']],
    load: () => import('./commands/resume.js'),
  },
  {
    name: 'list',
    aliases: ['ls'],
    summary: 'list runs',
    usage: 'mlx list [RUNS…] [OPTIONS]',
    positionals: [
      { name: 'RUNS', help: '5, 12-40, @last (the last launch), @LAUNCH, a status such as failed (default: all)' },
    ],
    options: [
      ...selectionOptions,
      {
        name: 'columns',
        type: 'text',
        shape: 'NAMES',
        help: 'which columns: run,status,started,time,point,reason,error,launch,engine,attempt,exit_code,host,directory, a key, train.loss, config.…, info.…',
      },
      { name: 'sort', type: 'text', shape: 'NAME', help: 'by which of these columns, the smallest first' },
      { name: 'reverse', short: 'r', type: 'flag', help: 'with --sort, the largest first' },
      { name: 'all', short: 'a', type: 'flag', help: 'one line per run, however many there are' },
      { name: 'csv', type: 'flag', help: 'print CSV, every run' },
      store,
      json,
      help,
    ],
    examples: [
      ['mlx list', 'all runs'],
      ['mlx list failed', 'those that failed'],
      ["mlx list @last --where 'config.optimizer.lr >= 1e-2'", 'some of the last launch'],
      ['mlx list --columns run,seed,train.loss --sort train.loss', 'what they reached, the lowest loss first'],
    ],
    load: () => import('./commands/list.js'),
  },
  {
    name: 'show',
    aliases: [],
    summary: 'show all that is known of a run',
    usage: 'mlx show ID [OPTIONS]',
    positionals: [{ name: 'ID', help: 'the run' }],
    options: [store, json, help],
    examples: [['mlx show 5', 'status, command, config, attempts, last metrics, last errors']],
    load: () => import('./commands/show.js'),
  },
  {
    name: 'report',
    aliases: [],
    summary: 'tell of runs what they ran, where, how long, and what they wrote',
    usage: 'mlx report [RUNS…] [OPTIONS]',
    positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have ended)' }],
    options: [
      { name: 'errors-only', short: 'e', type: 'flag', help: 'only runs that ended badly' },
      { name: 'output', type: 'flag', help: 'only what they wrote to stdout' },
      { name: 'errors', type: 'flag', help: 'only what they wrote to stderr' },
      { name: 'full', type: 'flag', help: 'all of it, not only the last lines' },
      { name: 'each', type: 'flag', help: 'each run by itself, also where many failed alike' },
      ...selectionOptions,
      store,
      json,
      help,
    ],
    examples: [
      ['mlx report --errors-only', 'what went wrong, one run for each distinct error'],
      ['mlx report 5 --full', 'all that run 5 wrote'],
    ],
    load: () => import('./commands/report.js'),
  },
  {
    name: 'diff',
    aliases: [],
    summary: 'tell what differs between two runs',
    usage: 'mlx diff ID ID [OPTIONS]',
    positionals: [{ name: 'ID', help: 'the two runs: overrides, config, code and requirements are compared' }],
    options: [
      { name: 'stat', type: 'flag', help: 'of the code only which files differ, and by how many lines' },
      store,
      json,
      help,
    ],
    examples: [['mlx diff 3 7', 'what run 7 has otherwise than run 3']],
    load: () => import('./commands/diff.js'),
  },
  {
    name: 'logs',
    aliases: [],
    summary: 'print what runs wrote to stdout and stderr',
    usage: 'mlx logs [OPTIONS] RUNS…',
    positionals: [{ name: 'RUNS', help: 'one run, byte for byte; of several the lines, each with its run in front' }],
    options: [
      { name: 'follow', short: 'f', type: 'flag', help: 'go on until they have ended' },
      { name: 'stdout', type: 'flag', help: 'only log.stdout' },
      { name: 'stderr', type: 'flag', help: 'only log.stderr' },
      store,
      help,
    ],
    examples: [
      ['mlx logs -f 5', 'watch run 5'],
      ['mlx logs -f 5-8', 'four of them, line by line as they come'],
    ],
    load: () => import('./commands/logs.js'),
  },
  {
    name: 'why',
    aliases: [],
    summary: 'tell why a run waits, failed or is unknown',
    usage: 'mlx why ID [OPTIONS]',
    positionals: [{ name: 'ID', help: 'the run' }],
    options: [store, json, help],
    examples: [['mlx why 5', "the engine's reason in plain words, exit code, last lines, what to type next"]],
    load: () => import('./commands/why.js'),
  },
  {
    name: 'watch',
    aliases: [],
    summary: 'follow runs to their ends',
    usage: 'mlx watch [RUNS…] [OPTIONS]',
    positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have not ended)' }],
    options: [store, quiet, json, help],
    examples: [['mlx watch @last', 'until the last launch is done; Ctrl-C leaves the runs alone']],
    load: () => import('./commands/watch.js'),
  },
  {
    name: 'wait',
    aliases: [],
    summary: 'wait until runs have ended',
    usage: 'mlx wait [RUNS…] [OPTIONS]',
    positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have not ended)' }],
    options: [store, help],
    examples: [['mlx wait @last && mlx list', 'exit code 0 when every one is complete']],
    load: () => import('./commands/wait.js'),
  },
  {
    name: 'stop',
    aliases: [],
    summary: 'stop runs, wherever they are',
    usage: 'mlx stop RUNS… [OPTIONS]',
    positionals: [selectedRuns],
    options: [...selectionOptions, allRuns, store, json, help],
    examples: [
      ['mlx stop 5', 'run 5 alone, though it may be one task of an array'],
      ['mlx stop queued', 'all that wait in a queue'],
      ["mlx stop --where 'config.lr > 0.1'", 'some'],
    ],
    load: () => import('./commands/stop.js'),
  },
  {
    name: 'hold',
    aliases: [],
    summary: 'keep waiting jobs from starting',
    usage: 'mlx hold RUNS… [OPTIONS]',
    positionals: [selectedRuns],
    options: [...selectionOptions, allRuns, store, json, help],
    examples: [['mlx hold @last', 'the jobs of the last launch that have not started']],
    load: async () => (await import('./commands/hold.js')).hold,
  },
  {
    name: 'release',
    aliases: [],
    summary: 'let held jobs go',
    usage: 'mlx release RUNS… [OPTIONS]',
    positionals: [selectedRuns],
    options: [...selectionOptions, allRuns, store, json, help],
    examples: [['mlx release held', 'all that are held']],
    load: async () => (await import('./commands/hold.js')).release,
  },
  {
    name: 'delete',
    aliases: ['rm'],
    summary: 'stop runs and remove their directories',
    usage: 'mlx delete RUNS… [OPTIONS]',
    positionals: [selectedRuns],
    options: [
      { name: 'yes', short: 'y', type: 'flag', help: 'do not ask' },
      ...selectionOptions,
      allRuns,
      store,
      json,
      help,
    ],
    examples: [
      ['mlx delete 5-8', 'asks first; what goes on is stopped'],
      ['mlx delete failed --yes', 'without asking'],
    ],
    load: () => import('./commands/delete.js'),
  },
  {
    name: 'doctor',
    aliases: [],
    summary: 'check tools, store, disk, clock and engines',
    usage: 'mlx doctor [OPTIONS]',
    positionals: [],
    options: [store, json, help],
    examples: [['mlx doctor', 'each line says ok, or what to do']],
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'gc',
    aliases: [],
    summary: 'remove what nobody needs any more',
    usage: 'mlx gc [OPTIONS]',
    positionals: [],
    options: [
      { name: 'yes', short: 'y', type: 'flag', help: 'do not ask' },
      { ...dryRun, help: 'show what would be removed' },
      {
        name: 'force',
        type: 'flag',
        help: 'also copies of code with files that runs wrote there, and what only stores need that are not there',
      },
      store,
      json,
      help,
    ],
    examples: [
      ['mlx gc', 'what killed processes left, copies of code that no unfinished run uses; asks first'],
      ['mlx gc --dry-run', 'the same with sizes, and nothing is removed'],
    ],
    load: () => import('./commands/gc.js'),
  },
];
