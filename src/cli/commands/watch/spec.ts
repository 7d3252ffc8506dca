import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption, notifyOption, quietOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const watchSpec = commandSpec({
  name: 'watch',
  aliases: [],
  summary: 'follow runs to their ends',
  usage: 'mlx watch [RUNS…] [OPTIONS]',
  positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have not ended)' }],
  options: [...selectionOptions, notifyOption, storeOption, quietOption, jsonOption, helpOption],
  examples: [['mlx watch @last', 'until the last launch is done; Ctrl-C leaves the runs alone']],
});

export type WatchOptions = OptionsOfCommand<typeof watchSpec>;
