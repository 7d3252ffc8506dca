import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { parallelOption } from '../../options/here.js';
import { dryRunOption, maxFailuresOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, streamOption, yesOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const resumeSpec = commandSpec({
  name: 'resume',
  aliases: [],
  summary: 'finish launches that were interrupted or have lost runs',
  usage: 'mlx resume [LAUNCH] [OPTIONS]',
  positionals: [
    {
      name: 'LAUNCH',
      help: 'which launch, as mlx show ID tells it, or @last (default: each that has something left; what was stopped on purpose only if named)',
    },
  ],
  options: [
    { ...parallelOption, help: 'how many runs at once (default: as at the launch)' },
    { ...dryRunOption, help: 'show what is left to do; write nothing' },
    yesOption,
    {
      name: 'max-queued',
      type: 'count',
      shape: 'N',
      help: 'of jobs: keep no more than N in the queue, and stay to feed in the rest (default: as at the launch)',
    },
    { ...maxFailuresOption, help: 'go on until N runs of the launch have ended badly, with those that have already' },
    { name: 'wait', type: 'flag', help: 'of jobs: follow them to their ends' },
    { name: 'verbose', short: 'v', type: 'flag', help: 'of jobs: print each script' },
    { name: 'force', type: 'flag', help: "take what ran on a host that can't be seen from here for gone" },
    streamOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx resume', 'starts what is missing, was interrupted or was lost, in all launches, and nothing twice'],
    ['mlx resume @last', 'the last launch, with the runs of it that were stopped on purpose'],
  ],
});

export type ResumeOptions = OptionsOfCommand<typeof resumeSpec>;
