import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, yesOption } from '../../options/output.js';
import { allRunsOption, selectedRuns, selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const stopSpec = commandSpec({
  name: 'stop',
  aliases: [],
  summary: 'stop runs, wherever they are',
  usage: 'mlx stop RUNS… [OPTIONS]',
  positionals: [selectedRuns],
  options: [
    yesOption,
    { ...dryRunOption, help: 'show which runs would be told to end; change nothing' },
    ...selectionOptions,
    allRunsOption,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx stop 5', 'run 5 alone, though it may be one task of an array'],
    ['mlx stop queued', 'all that wait in a queue'],
    ["mlx stop --where 'config.lr > 0.1'", 'some'],
  ],
});

export type StopOptions = OptionsOfCommand<typeof stopSpec>;
