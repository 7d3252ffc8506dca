import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { detachOption, graceOption, parallelOption } from '../../options/here.js';
import { helpOption, jsonOption, notifyOption, quietOption, streamOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const executeSpec = commandSpec({
  name: 'execute',
  aliases: ['run-scheduler'],
  summary: 'run what waits in the local queue',
  usage: 'mlx execute [OPTIONS]',
  positionals: [],
  options: [
    {
      ...parallelOption,
      short: 'p',
      help: 'how many slots; a run takes as many as it has --cpus (default: CPU cores)',
    },
    {
      name: 'die-when-finished',
      short: 'x',
      type: 'flag',
      help: 'end when nothing is left to do (what mlx execute does, and mlx run-scheduler does not)',
    },
    { name: 'stay', type: 'flag', help: 'when nothing is left to do, wait for more' },
    {
      name: 'sleep',
      type: 'duration',
      shape: 'SECONDS',
      help: 'how often to look for what others have submitted (default: 1)',
    },
    { name: 'local', type: 'flag', help: 'as it is anyway' },
    detachOption,
    graceOption,
    streamOption,
    notifyOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx execute --parallel 4', 'four slots; further mlx execute share the queue'],
    ['mlx --local run-scheduler -p 4 -x', 'the same in the words of jman'],
  ],
});

export type ExecuteOptions = OptionsOfCommand<typeof executeSpec>;
