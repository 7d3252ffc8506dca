import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { dryRunOption } from '../../options/launch.js';
import { helpOption, jsonOption, yesOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const gcSpec = commandSpec({
  name: 'gc',
  aliases: [],
  summary: 'remove what nobody needs any more',
  usage: 'mlx gc [OPTIONS]',
  positionals: [],
  options: [
    yesOption,
    { ...dryRunOption, help: 'show what would be removed' },
    {
      name: 'force',
      type: 'flag',
      help: 'also copies of code with files that runs wrote there, and what only stores need that are not there',
    },
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx gc', 'what killed processes left, copies of code that no unfinished run uses; asks first'],
    ['mlx gc --dry-run', 'the same with sizes, and nothing is removed'],
  ],
});

export type GcOptions = OptionsOfCommand<typeof gcSpec>;
