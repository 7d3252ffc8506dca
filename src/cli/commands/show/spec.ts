import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const showSpec = commandSpec({
  name: 'show',
  aliases: [],
  summary: 'show all that is known of a run',
  usage: 'mlx show ID [OPTIONS]',
  positionals: [{ name: 'ID', help: 'the run' }],
  options: [storeOption, jsonOption, helpOption],
  examples: [['mlx show 5', 'status, command, config, attempts, last metrics, last errors']],
});

export type ShowOptions = OptionsOfCommand<typeof showSpec>;
