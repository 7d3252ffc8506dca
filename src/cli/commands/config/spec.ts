import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { configOptions } from '../../options/config.js';
import { helpOption, jsonOption } from '../../options/output.js';

export const configSpec = commandSpec({
  name: 'config',
  aliases: [],
  summary: 'show the config that a run would be given, and what it is made of',
  usage: 'mlx config [PROGRAM] OVERRIDES… [OPTIONS]',
  positionals: [
    { name: 'PROGRAM', help: 'whose config it is (default: the one in configs/ here)' },
    { name: 'OVERRIDES', help: 'as for mlx run, one value each' },
  ],
  options: [
    { name: 'resolve', type: 'flag', help: 'put values in the place of interpolations' },
    { name: 'package', short: 'p', type: 'text', shape: 'KEY', help: 'show only what is under this key' },
    {
      name: 'show',
      type: 'text',
      shape: 'WHAT',
      choices: ['config', 'defaults', 'tree', 'searchpath', 'origin'],
      help: 'the config, the configs that it is composed of (in order, or as the tree of defaults lists), where configs are looked for, or where each value comes from',
    },
    ...configOptions,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx config main.py model=resnet lr=1e-3', 'what that run would be given'],
    ['mlx config main.py model=resnet --show origin', 'the file and line, or the override, of each value'],
  ],
});

export type ConfigOptions = OptionsOfCommand<typeof configSpec>;
