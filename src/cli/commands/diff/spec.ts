import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const diffSpec = commandSpec({
  name: 'diff',
  aliases: [],
  summary: 'tell what differs between two runs',
  usage: 'mlx diff ID ID [OPTIONS]',
  positionals: [{ name: 'ID', help: 'the two runs: overrides, config, code and requirements are compared' }],
  options: [
    { name: 'stat', type: 'flag', help: 'of the code only which files differ, and by how many lines' },
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [['mlx diff 3 7', 'what run 7 has otherwise than run 3']],
});

export type DiffOptions = OptionsOfCommand<typeof diffSpec>;
