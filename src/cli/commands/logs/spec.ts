import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const logsSpec = commandSpec({
  name: 'logs',
  aliases: [],
  summary: 'print what runs wrote to stdout and stderr',
  usage: 'mlx logs [OPTIONS] RUNS…',
  positionals: [{ name: 'RUNS', help: 'one run, byte for byte; of several the lines, each with its run in front' }],
  options: [
    { name: 'follow', short: 'f', type: 'flag', help: 'go on until they have ended' },
    { name: 'tail', type: 'index', shape: 'N', help: 'only the last N lines of each; with -f from there on' },
    { name: 'stdout', type: 'flag', help: 'only log.stdout' },
    { name: 'stderr', type: 'flag', help: 'only log.stderr' },
    storeOption,
    helpOption,
  ],
  examples: [
    ['mlx logs --tail 20 5', 'the last 20 lines'],
    ['mlx logs -f 5', 'watch run 5'],
    ['mlx logs -f 5-8', 'four of them, line by line as they come'],
  ],
});

export type LogsOptions = OptionsOfCommand<typeof logsSpec>;
