import { inGroup } from '../../arguments/index.js';
import { notifyOption } from './output.js';
import { resourceOptions } from './resources.js';
import { waitingOptions } from './waiting.js';

/** How runs become jobs, beside the resources that they ask for. */
const submissionRows = inGroup('jobs', [
  {
    name: 'option',
    type: 'list',
    shape: 'TEXT',
    help: "an option in the engine's own words: --option '-l core=1'; may be repeated",
  },
  { name: 'profile', type: 'text', shape: 'NAME', help: 'resources from the setting scheduler.profiles' },
  {
    name: 'export',
    type: 'list',
    shape: 'NAME',
    help: 'set this variable in the scripts as it is now; may be repeated',
  },
  {
    name: 'array',
    type: 'text',
    shape: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'array jobs: for more than 32 jobs or with --max-running, always or never',
  },
  { name: 'max-running', type: 'count', shape: 'N', help: 'no more than N jobs of the launch run at once' },
  { name: 'pack', type: 'count', shape: 'K', help: 'K runs per job, one after the other' },
  {
    name: 'max-queued',
    type: 'count',
    shape: 'N',
    help: 'keep no more than N jobs in the queue, and wait to feed in the rest',
  },
  {
    name: 'on-submit-error',
    type: 'text',
    shape: 'WHAT',
    choices: ['stop', 'continue'],
    help: 'when the engine refuses a job: stop (default), or continue with the rest',
  },
]);

const followingRows = inGroup('jobs', [
  {
    name: 'priority',
    type: 'integer',
    shape: 'N',
    help: 'in the local queue: the higher, the earlier (default: 0)',
  },
  { name: 'wait', type: 'flag', help: 'follow the jobs to their ends; Ctrl-C then leaves them alone' },
]);

const verboseRows = inGroup('jobs', [
  { name: 'verbose', short: 'v', type: 'flag', help: 'print each script before it is submitted' },
]);

/** The options of the commands that submit jobs. */
export const jobOptions = [
  ...resourceOptions,
  ...submissionRows,
  ...waitingOptions,
  ...followingRows,
  notifyOption,
  ...verboseRows,
] as const;
