import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const listSpec = commandSpec({
  name: 'list',
  aliases: ['ls'],
  summary: 'list runs',
  usage: 'mlx list [RUNS…] [OPTIONS]',
  positionals: [
    { name: 'RUNS', help: '5, 12-40, @last (the last launch), @LAUNCH, a status such as failed (default: all)' },
  ],
  options: [
    ...selectionOptions,
    {
      name: 'columns',
      type: 'text',
      shape: 'NAMES',
      help: 'which columns: run, status, time, a key such as optimizer.lr, train.loss, train.loss@min, …; mlx help reading lists all names',
    },
    { name: 'sort', type: 'text', shape: 'NAME', help: 'by which of these columns, the smallest first' },
    { name: 'reverse', short: 'r', type: 'flag', help: 'the other way round: the largest, or the newest, first' },
    { name: 'limit', type: 'count', shape: 'N', help: 'at most N runs, the first ones as sorted' },
    { name: 'all', short: 'a', type: 'flag', help: 'one line per run, however many there are' },
    { name: 'long', short: 'l', type: 'flag', help: 'with job, queue, age, name, what it waits for, and command' },
    { name: 'watch', short: 'w', type: 'flag', help: 'again every two seconds, until Ctrl-C' },
    { name: 'csv', type: 'flag', help: 'print CSV, every run' },
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx list', 'all runs'],
    ['mlx list failed', 'those that failed'],
    ["mlx list @last --where 'config.optimizer.lr >= 1e-2'", 'some of the last launch'],
    ['mlx list --columns run,seed,train.loss --sort train.loss', 'what they reached, the lowest loss first'],
  ],
});

export type ListOptions = OptionsOfCommand<typeof listSpec>;
