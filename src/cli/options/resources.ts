import { inGroup, type OptionSpec, type OptionsOf } from '../../arguments/index.js';

const limitRows = inGroup('resources', [
  {
    name: 'time',
    type: 'text',
    shape: 'TIME',
    help: "each job's time limit: 90m, 2h30m, 1:30:00, 1-12 (here: as --walltime)",
  },
  {
    name: 'cpus',
    type: 'text',
    shape: 'N',
    help: 'CPU cores of each task (here: of each run, which keeps to as many)',
  },
  { name: 'gpus', type: 'text', shape: 'N', help: 'GPUs on each node' },
  {
    name: 'mem',
    type: 'text',
    shape: 'SIZE',
    help: 'memory on each node: 8G, 512M (here: the most that a run may use)',
  },
  { name: 'partition', type: 'text', shape: 'NAME', help: 'the queue' },
  { name: 'nodes', type: 'text', shape: 'N', help: 'how many nodes' },
  { name: 'tasks', type: 'text', shape: 'N', help: 'how many processes over all nodes' },
  { name: 'account', type: 'text', shape: 'NAME', help: 'who pays' },
]);

const nameRows = inGroup('resources', [
  { name: 'name', type: 'text', shape: 'NAME', help: "the jobs' name (default: logs/ID)" },
]);

const constraintRows = inGroup('resources', [
  { name: 'constraint', type: 'text', shape: 'TEXT', help: "what nodes must have, in the engine's words" },
  {
    name: 'requeue',
    type: 'optional',
    shape: 'N',
    help: 'a job that was preempted, or lost its node, is started again; N times at most',
  },
]);

const noRequeueRows = inGroup('resources', [{ name: 'no-requeue', type: 'flag', help: 'it is not' }]);

const endRows = inGroup('resources', [
  {
    name: 'signal',
    type: 'text',
    shape: 'NAME@TIME',
    help: 'send this signal so long before the time limit: USR1@120, USR1@10m (default: 60 seconds)',
  },
  {
    name: 'signal-to',
    type: 'text',
    shape: 'WHOM',
    choices: ['group', 'program'],
    help: 'who gets signals: all that the run has started (default), or its program alone',
  },
  {
    name: 'continue-on-timeout',
    type: 'optional',
    shape: 'N',
    help: 'a run that reaches its time limit goes on as its next attempt, in another job; N times at most',
  },
]);

/** What a job asks for. */
export const resourceOptions = [...limitRows, ...nameRows, ...constraintRows, ...noRequeueRows, ...endRows] as const;

/** What a job may ask for otherwise when it is submitted again. */
export const changeableOptions = [...limitRows, ...constraintRows, ...endRows] as const;

/** `--walltime`: the same as `--time`, in seconds after parsing. Its help differs between commands. */
export const walltimeOption = {
  name: 'walltime',
  type: 'duration',
  shape: 'TIME',
  help: 'end a run over this limit as TIMEOUT: 90, 90m, 2h30m, 1:30:00, 1-12',
  group: 'resources',
} as const satisfies OptionSpec;

export type ChangeableOptions = OptionsOf<typeof changeableOptions>;

export const changeableKeys: readonly (keyof ChangeableOptions)[] = [
  'time',
  'cpus',
  'gpus',
  'mem',
  'partition',
  'nodes',
  'tasks',
  'account',
  'constraint',
  'requeue',
  'signal',
  'signalTo',
  'continueOnTimeout',
];
