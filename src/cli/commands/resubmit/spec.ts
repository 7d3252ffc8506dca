import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, streamOption, yesOption } from '../../options/output.js';
import { changeableOptions } from '../../options/resources.js';
import { allRunsOption, selectedRuns, selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const resubmitSpec = commandSpec({
  name: 'resubmit',
  aliases: [],
  summary: 'submit runs again, as they were submitted first or asking for something else',
  usage: 'mlx resubmit RUNS… [OVERRIDES…] [OPTIONS]',
  positionals: [
    selectedRuns,
    { name: 'OVERRIDES', help: 'key=value words over those of the runs, which makes new runs of them' },
  ],
  options: [
    { name: 'failed', type: 'flag', help: 'of these runs, those that did not end well' },
    { name: 'in-place', type: 'flag', help: 'as the next attempts of the same runs (the default)' },
    { name: 'new', type: 'flag', help: 'as new runs' },
    { name: 'clean', type: 'flag', help: 'remove their logs of before, once they are submitted' },
    { name: 'keep-logs', type: 'flag', help: 'keep them, and let the next attempt append to them (the default)' },
    yesOption,
    { ...dryRunOption, help: 'show which runs would be submitted again, and as what; change nothing' },
    ...changeableOptions,
    { name: 'verbose', short: 'v', type: 'flag', help: 'print each script' },
    ...selectionOptions,
    allRunsOption,
    streamOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx resubmit failed', 'all that did not work, exactly as before'],
    ['mlx resubmit @last --failed --mem 16G', 'with more memory'],
    ['mlx resubmit 5 --clean', 'without the logs of before'],
  ],
});

export type ResubmitOptions = OptionsOfCommand<typeof resubmitSpec>;
