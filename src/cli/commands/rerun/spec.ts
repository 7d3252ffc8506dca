import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { schedulerOption } from '../../options/engine.js';
import { parallelOption } from '../../options/here.js';
import { dryRunOption, failFastOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, streamOption, yesOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';
import { readOnlyOption } from '../../options/version.js';

export const rerunSpec = commandSpec({
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
    readOnlyOption,
    schedulerOption,
    parallelOption,
    dryRunOption,
    yesOption,
    failFastOption,
    streamOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx rerun 5', 'a new run like run 5'],
    ['mlx rerun 5 optimizer.lr=0.1', 'with another learning rate'],
    ['mlx rerun 5 --in-place', 'the next attempt of run 5 itself'],
    ['mlx rerun 5 --versioned', 'with the code of the commit that it ran'],
  ],
});

export type RerunOptions = OptionsOfCommand<typeof rerunSpec>;
