import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { configOptions } from '../../options/config.js';
import { schedulerOption } from '../../options/engine.js';
import { detachOption, gpusPerRunOption, graceOption, parallelOption } from '../../options/here.js';
import { jobOptions } from '../../options/jobs.js';
import { dryRunOption, failFastOption, logIdOption, maxFailuresOption, maxRunsOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, streamOption, yesOption } from '../../options/output.js';
import { pointsOptions } from '../../options/points.js';
import { argsOption, interpreterOption, programOption, stepOption } from '../../options/program.js';
import { walltimeOption } from '../../options/resources.js';
import { storeOption } from '../../options/store.js';
import { versionOptions } from '../../options/version.js';

export const runSpec = commandSpec({
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
    parallelOption,
    dryRunOption,
    detachOption,
    yesOption,
    ...pointsOptions,
    walltimeOption,
    failFastOption,
    maxFailuresOption,
    graceOption,
    gpusPerRunOption,
    streamOption,
    argsOption,
    programOption,
    stepOption,
    interpreterOption,
    ...configOptions,
    schedulerOption,
    ...jobOptions,
    ...versionOptions,
    logIdOption,
    maxRunsOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
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
    [
      "mlx run seed=1,2 --step 'prepare: ./prepare.sh {seed}' --step 'train: train.py {overrides}'",
      'one after the other; a further attempt begins with the one that was not done',
    ],
  ],
});

export type RunOptions = OptionsOfCommand<typeof runSpec>;
