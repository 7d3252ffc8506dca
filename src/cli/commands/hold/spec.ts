import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, yesOption } from '../../options/output.js';
import { allRunsOption, selectedRuns, selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const holdSpec = commandSpec({
  name: 'hold',
  aliases: [],
  summary: 'keep waiting jobs from starting',
  usage: 'mlx hold RUNS… [OPTIONS]',
  positionals: [selectedRuns],
  options: [
    yesOption,
    { ...dryRunOption, help: 'show which jobs would be held; change nothing' },
    ...selectionOptions,
    allRunsOption,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [['mlx hold @last', 'the jobs of the last launch that have not started']],
});

export type HoldOptions = OptionsOfCommand<typeof holdSpec>;

export const releaseSpec = commandSpec({
  name: 'release',
  aliases: [],
  summary: 'let held jobs go',
  usage: 'mlx release RUNS… [OPTIONS]',
  positionals: [selectedRuns],
  options: [
    yesOption,
    { ...dryRunOption, help: 'show which jobs would be released; change nothing' },
    ...selectionOptions,
    allRunsOption,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [['mlx release held', 'all that are held']],
});
