import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { schedulerOption } from '../../options/engine.js';
import { helpOption, jsonOption } from '../../options/output.js';

export const queuesSpec = commandSpec({
  name: 'queues',
  aliases: [],
  summary: "show the engine's queues: limits, what is free, what of mine is in them",
  usage: 'mlx queues [OPTIONS]',
  positionals: [],
  options: [{ ...schedulerOption, help: 'of ENGINE, else of the configured one' }, jsonOption, helpOption],
  examples: [['mlx queues --scheduler slurm', 'a line for each partition']],
});

export type QueuesOptions = OptionsOfCommand<typeof queuesSpec>;
