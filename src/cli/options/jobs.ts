import pick from 'lodash/pick.js';
import pickBy from 'lodash/pickBy.js';
import { inGroup, type OptionsOf } from '../../arguments/index.js';
import type { RawResources } from '../../settings/index.js';
import type { failFastOption, gpusPerRunOption, graceOption, parallelOption } from './here.js';
import { notifyOption, type streamOption } from './output.js';
import { changeableKeys, hereResourceKeys, resourceOptions, type walltimeOption } from './resources.js';
import { waitingKeys, waitingOptions } from './waiting.js';

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
    help: 'array jobs: for more than 32 jobs, always or never',
  },
  { name: 'max-running', type: 'count', shape: 'N', help: 'how many tasks of an array may run at once' },
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

export type JobOptions = OptionsOf<typeof jobOptions>;

/** Options of processes on this machine that some commands take beside those of jobs. */
export type HereOnlyOptions = Partial<
  OptionsOf<
    [
      typeof parallelOption,
      typeof failFastOption,
      typeof graceOption,
      typeof gpusPerRunOption,
      typeof streamOption,
      typeof walltimeOption,
    ]
  >
>;

const resourceKeys = [...changeableKeys, 'name'] as const;

/** The options that make no sense for processes on this machine. */
export const jobOnlyKeys: readonly (keyof JobOptions)[] = [
  ...resourceKeys.filter((key) => !(hereResourceKeys as readonly string[]).includes(key)),
  'noRequeue',
  'option',
  'export',
  'profile',
  'array',
  'maxRunning',
  'pack',
  'maxQueued',
  'onSubmitError',
  'wait',
  'priority',
  ...waitingKeys,
];

/** Returns the resources that the options name; `--walltime` is seconds. */
export function askedResources(options: JobOptions & HereOnlyOptions): RawResources {
  const given = pickBy(pick(options, resourceKeys), (value) => value !== undefined);
  return {
    ...given,
    ...(options.walltime !== undefined && { time: options.walltime }),
    ...(options.noRequeue && { requeue: false }),
  };
}
