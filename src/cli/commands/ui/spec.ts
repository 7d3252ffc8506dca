import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const uiSpec = commandSpec({
  name: 'ui',
  aliases: [],
  summary: 'a page in the browser: runs as they go on, curves, logs, artifacts',
  usage: 'mlx ui [OPTIONS]',
  positionals: [],
  options: [
    {
      name: 'port',
      type: 'count',
      shape: 'PORT',
      help: 'of localhost, where alone it is served (default: any that is free)',
    },
    {
      name: 'allow-actions',
      type: 'flag',
      help: 'let the page stop, hold, release, resubmit and delete runs (else it only reads)',
    },
    {
      name: 'follow-links',
      type: 'flag',
      help: 'serve files outside a run that links in it lead to (else they are listed as links)',
    },
    storeOption,
    helpOption,
  ],
  examples: [
    ['mlx ui', 'prints the address; who has it sees the runs'],
    ['mlx ui --port 8800', 'for ssh -L 8800:127.0.0.1:8800 from another machine'],
  ],
});

export type UiOptions = OptionsOfCommand<typeof uiSpec>;
