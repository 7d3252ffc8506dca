import { jobTemplateOptions } from '../../../templates/index.js';
import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, yesOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const jobSpec = commandSpec({
  name: 'job',
  aliases: [],
  summary: "run or submit a job by a site's templates, and wait for it",
  usage: 'mlx job BACKEND [--config FILE] [--walltime TIME] MODE [OPTIONS] LOG_FILENAME [--] COMMAND…',
  programAfter: 3,
  underscores: true,
  positionals: [
    { name: 'BACKEND', help: 'local (here and now), pbs, sge, slurm, oar or lsf' },
    { name: 'MODE', help: 'cpu, gpu, mpi or train: a section of the config; with --n_tasks cpu-array or gpu-array' },
    { name: 'LOG_FILENAME', help: 'where the output goes; the script is written beside it, as .sh' },
    { name: 'COMMAND', help: 'what is run, each word as it is' },
  ],
  options: [...jobTemplateOptions, dryRunOption, yesOption, storeOption, quietOption, jsonOption, helpOption],
  examples: [
    [
      'mlx job local cpu logs/example.log -- python train.py --epochs 10',
      'here, output on the terminal and in the log',
    ],
    [
      'mlx job sge cpu --n_tasks=600 logs/prep.log -- python prep.py',
      'an array; each worker has its slice of the tasks',
    ],
    ['mlx job slurm mpi --n_procs=8 --n_nodes=2 logs/sim.log -- ./sim', 'over two nodes'],
    ['mlx job pbs --config site.yaml --print_config', 'the templates as they come out'],
  ],
});

export type JobOptions = OptionsOfCommand<typeof jobSpec>;
