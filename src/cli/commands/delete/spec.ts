import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { allRunsOption, selectedRuns, selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const deleteSpec = commandSpec({
  name: 'delete',
  aliases: ['rm'],
  summary: 'stop runs and remove their directories',
  usage: 'mlx delete RUNS… [OPTIONS]',
  positionals: [selectedRuns],
  options: [
    { name: 'yes', short: 'y', type: 'flag', help: 'do not ask' },
    ...selectionOptions,
    allRunsOption,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx delete 5-8', 'asks first; what goes on is stopped'],
    ['mlx delete failed --yes', 'without asking'],
  ],
});

export type DeleteOptions = OptionsOfCommand<typeof deleteSpec>;
