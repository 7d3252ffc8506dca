import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, notifyOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const waitSpec = commandSpec({
  name: 'wait',
  aliases: [],
  summary: 'wait until runs have ended',
  usage: 'mlx wait [RUNS…] [OPTIONS]',
  positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have not ended)' }],
  options: [...selectionOptions, notifyOption, storeOption, helpOption],
  examples: [['mlx wait @last && mlx list', 'exit code 0 when every one is complete']],
});

export type WaitOptions = OptionsOfCommand<typeof waitSpec>;
