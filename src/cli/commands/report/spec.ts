import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const reportSpec = commandSpec({
  name: 'report',
  aliases: [],
  summary: 'tell of runs what they ran, where, how long, and what they wrote',
  usage: 'mlx report [RUNS…] [OPTIONS]',
  positionals: [{ name: 'RUNS', help: 'as for mlx list (default: all that have ended)' }],
  options: [
    { name: 'errors-only', short: 'e', type: 'flag', help: 'only runs that ended badly' },
    { name: 'output', type: 'flag', help: 'only what they wrote to stdout' },
    { name: 'errors', type: 'flag', help: 'only what they wrote to stderr' },
    { name: 'full', type: 'flag', help: 'all of it, not only the last lines' },
    { name: 'each', type: 'flag', help: 'each run by itself, also where many failed alike' },
    {
      name: 'usage',
      type: 'flag',
      help: 'what they used of the time, CPUs, memory and GPUs that they had asked for, and what to ask for next time',
    },
    ...selectionOptions,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx report --errors-only', 'what went wrong, one run for each distinct error'],
    ['mlx report 5 --full', 'all that run 5 wrote'],
    ['mlx report @last --usage', 'how much of what it asked for the last launch has used'],
  ],
});

export type ReportOptions = OptionsOfCommand<typeof reportSpec>;
