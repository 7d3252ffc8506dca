import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const whySpec = commandSpec({
  name: 'why',
  aliases: [],
  summary: 'tell why a run waits, failed or is unknown',
  usage: 'mlx why ID [OPTIONS]',
  positionals: [{ name: 'ID', help: 'the run' }],
  options: [storeOption, jsonOption, helpOption],
  examples: [['mlx why 5', "the engine's reason in plain words, exit code, last lines, what to type next"]],
});

export type WhyOptions = OptionsOfCommand<typeof whySpec>;
