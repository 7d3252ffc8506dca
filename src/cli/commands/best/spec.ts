import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { attemptsOption } from '../../options/metrics.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const bestSpec = commandSpec({
  name: 'best',
  aliases: [],
  summary: 'the best setting, for each group, and how to run it again',
  usage: 'mlx best METRIC --min|--max [OPTIONS]',
  positionals: [{ name: 'METRIC', help: 'train.loss (its last value), train.loss@min, …' }],
  options: [
    { name: 'min', type: 'flag', help: 'the lower, the better' },
    { name: 'max', type: 'flag', help: 'the higher, the better' },
    { name: 'group-by', type: 'text', shape: 'COLUMNS', help: 'the best for each value of these' },
    {
      name: 'over',
      type: 'text',
      shape: 'KEYS',
      help: 'what runs of one setting differ in (default: keys called seed)',
    },
    attemptsOption,
    ...selectionOptions,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx best test.loss --min --group-by model', 'the setting with the lowest mean test loss for each model'],
  ],
});

export type BestOptions = OptionsOfCommand<typeof bestSpec>;
