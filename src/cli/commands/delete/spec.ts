import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, yesOption } from '../../options/output.js';
import { allRunsOption, selectedRuns, selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const deleteSpec = commandSpec({
  name: 'delete',
  aliases: ['rm'],
  summary: 'stop runs and remove their directories',
  usage: 'mlx delete RUNS… [OPTIONS]',
  positionals: [selectedRuns],
  options: [
    yesOption,
    { ...dryRunOption, help: 'show what would be stopped and removed; change nothing' },
    ...selectionOptions,
    allRunsOption,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx delete 5-8', 'asks first; what goes on is stopped'],
    ['mlx delete failed --dry-run', 'which these are'],
    ['mlx delete failed --yes', 'without asking'],
  ],
});

export type DeleteOptions = OptionsOfCommand<typeof deleteSpec>;
