import { engineNamed } from '../scheduler/engines.js';
import type { CommandSpec, OptionSpec } from './command.js';

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
  help: 'which engine runs them (this version has: here)',
};
const help: OptionSpec = { name: 'help', short: 'h', type: 'flag', help: 'show this help' };

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
      {
        name: 'config-path',
        type: 'text',
        shape: 'DIR',
        help: 'where the config is (default: configs, beside PROGRAM or here)',
      },
      { name: 'config-name', type: 'text', shape: 'NAME', help: 'which config (default: config)' },
      { name: 'no-config', type: 'flag', help: 'use no config file: the overrides are the config' },
      scheduler,
      {
        name: 'log-id',
        type: 'text',
        shape: 'ID',
        help: 'continue in run ID, as a new attempt (setting logger.forced_log_id)',
      },
      { name: 'max-runs', type: 'count', shape: 'N', help: 'refuse a larger sweep (default: 10000)' },
      store,
      quiet,
      json,
      help,
    ],
    examples: [
      ['mlx run train.py lr=1e-3,1e-2 seed=1,2', 'four runs, in parallel'],
      ['mlx run train.py lr=0.1 --dry-run', 'what would be done'],
      ['mlx run seed=1,2 -- python -m pkg.train --epochs 10', 'a command with arguments of its own'],
      ['mlx run seed=1,2 -- ./sim --seed {seed} --out {log_dir}/out.csv', 'values in place'],
    ],
    load: () => import('./commands/run.js'),
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
      { name: 'here', type: 'flag', help: 'on this machine' },
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
    ],
    load: () => import('./commands/rerun.js'),
  },
  {
    name: 'resume',
    aliases: [],
    summary: 'finish a launch that was interrupted',
    usage: 'mlx resume [LAUNCH] [OPTIONS]',
    positionals: [
      { name: 'LAUNCH', help: 'which launch, as mlx show ID tells it (default: the last one that is not done)' },
    ],
    options: [
      { ...parallel, help: 'how many runs at once (default: as at the launch)' },
      { ...dryRun, help: 'show what is left to do; write nothing' },
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
    name: 'logs',
    aliases: [],
    summary: 'print what a run wrote to stdout and stderr',
    usage: 'mlx logs [OPTIONS] ID',
    positionals: [{ name: 'ID', help: 'the run' }],
    options: [
      { name: 'follow', short: 'f', type: 'flag', help: 'go on until the run has ended' },
      { name: 'stdout', type: 'flag', help: 'only log.stdout' },
      { name: 'stderr', type: 'flag', help: 'only log.stderr' },
      store,
      help,
    ],
    examples: [['mlx logs -f 5', 'watch run 5']],
    load: () => import('./commands/logs.js'),
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
    summary: 'remove what killed processes left in the store',
    usage: 'mlx gc [OPTIONS]',
    positionals: [],
    options: [
      { name: 'yes', short: 'y', type: 'flag', help: 'do not ask' },
      { ...dryRun, help: 'show what would be removed' },
      store,
      json,
      help,
    ],
    examples: [['mlx gc', 'directories that were never completed, temporary files, unused runtimes; asks first']],
    load: () => import('./commands/gc.js'),
  },
];
