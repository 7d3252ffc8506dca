import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { configOptions } from '../../options/config.js';
import { schedulerOption } from '../../options/engine.js';
import { graceOption, parallelOption } from '../../options/here.js';
import { jobOptions } from '../../options/jobs.js';
import { dryRunOption, failFastOption, maxFailuresOption, maxRunsOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, streamOption, yesOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';
import { versionOptions } from '../../options/version.js';

export const subSpec = commandSpec({
  name: 'sub',
  aliases: [],
  summary: 'sweep the commands of a batch script (also: mlxsub)',
  usage: 'mlxsub [OPTIONS] SCRIPT [OVERRIDES…]',
  positionals: [
    {
      name: 'SCRIPT',
      help: 'a shell script with #OAR, #SBATCH, #$, #PBS, #BSUB or #MSUB lines; - for standard input',
    },
    { name: 'OVERRIDES', help: 'further key=value words for each command that becomes runs' },
  ],
  options: [
    dryRunOption,
    yesOption,
    { name: 'here', type: 'flag', help: 'run the jobs on this machine, without any engine' },
    schedulerOption,
    ...jobOptions,
    ...versionOptions,
    parallelOption,
    failFastOption,
    maxFailuresOption,
    graceOption,
    streamOption,
    ...configOptions,
    maxRunsOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlxsub script.sh', 'a job for each point of each command that is swept'],
    ['mlxsub script.sh --dry-run', 'what was taken for what, the jobs, and one script'],
    ['mlxsub script.sh seed=5 --time 4h', 'with one more override, and another limit'],
  ],
});

export type SubOptions = OptionsOfCommand<typeof subSpec>;
