import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { schedulerOption } from '../../options/engine.js';
import { jobOptions } from '../../options/jobs.js';
import { dryRunOption, failFastOption, logDirOption, maxFailuresOption, maxRunsOption } from '../../options/launch.js';
import { helpOption, jsonOption, quietOption, yesOption } from '../../options/output.js';
import { interpreterOption } from '../../options/program.js';
import { walltimeOption } from '../../options/resources.js';
import { storeOption } from '../../options/store.js';
import { versionOptions } from '../../options/version.js';

export const submitSpec = commandSpec({
  name: 'submit',
  aliases: [],
  summary: 'submit one command, its arguments as they are',
  usage: 'mlx submit [OPTIONS] PROGRAM [ARGS…]',
  programAfter: 0,
  positionals: [
    { name: 'PROGRAM', help: 'a file to run (.py with python, …) or a command; options of mlx stand before it' },
    { name: 'ARGS', help: 'all that follows is passed on as it is, --help too' },
  ],
  options: [
    {
      name: 'task-ids',
      short: 't',
      type: 'text',
      shape: 'TASKS',
      help: 'one run per task, with its number in TASK_INDEX: 10, 1-10, 2-20:2, 1,4,7-9; 1-100%5 runs five at once',
    },
    { name: 'local', type: 'flag', help: 'into the local queue, which mlx execute runs (also: mlx --local submit)' },
    {
      name: 'dependencies',
      short: 'x',
      type: 'list',
      shape: 'IDS',
      accepts: (word) => /^\d[\d,-]*$/.test(word),
      help: 'start when these have ended: runs, or jobs by the ids of their engine; several words are read up to the first that is no id',
    },
    {
      name: 'repeat',
      type: 'count',
      shape: 'N',
      help: 'a chain of N runs, each when the one before it has ended',
    },
    { name: 'env', type: 'list', shape: 'NAME=VALUE', help: 'set this variable in the runs; may be repeated' },
    { name: 'stdin', type: 'text', shape: 'FILE', help: 'what the program reads as its standard input' },
    logDirOption,
    interpreterOption,
    { ...walltimeOption, help: 'the same as --time' },
    dryRunOption,
    yesOption,
    failFastOption,
    maxFailuresOption,
    schedulerOption,
    ...jobOptions,
    ...versionOptions,
    maxRunsOption,
    storeOption,
    quietOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx submit myscript.py --help', 'one job; --help is for the script'],
    ['mlx submit -t 1-10 myscript.py', 'ten tasks, as an array'],
    ['mlx submit --after 12 --time 2h ./evaluate.sh', 'when run 12 is complete'],
    ['mlx --local submit myscript.py', 'to be run by mlx --local execute'],
  ],
});

export type SubmitOptions = OptionsOfCommand<typeof submitSpec>;
