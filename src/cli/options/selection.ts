import { inGroup, type OptionSpec, type OptionsOf } from '../../arguments/index.js';

/** Which runs a command is for, beside the words that name them. */
export const selectionOptions = inGroup('selection', [
  {
    name: 'where',
    type: 'text',
    shape: 'EXPR',
    help: 'keep runs for which it holds: \'lr < 0.1 & status == "COMPLETE" & train.loss@min < 0.5\'',
  },
  {
    name: 'status',
    type: 'text',
    shape: 'STATUS',
    help: 'keep runs with this status, or one of several: failed,lost',
  },
  { name: 'launch', type: 'text', shape: 'LAUNCH', help: 'keep runs of this launch; @last is the last one' },
  {
    name: 'engine-job',
    type: 'text',
    shape: 'ID',
    help: 'keep runs that are this job of their engine, or a task of this array',
  },
  { name: 'name', type: 'text', shape: 'NAME', help: 'keep runs whose jobs have this name' },
  { name: 'local', type: 'flag', help: 'keep runs of the local queue (also before the command: mlx --local list)' },
]);

export type SelectionOptions = OptionsOf<typeof selectionOptions>;

export const allRunsOption = {
  name: 'all',
  type: 'flag',
  help: 'all that the command is for, without a question',
  group: 'selection',
} as const satisfies OptionSpec;

/** The positional of the commands that change runs. */
export const selectedRuns = {
  name: 'RUNS',
  help: '5, 12-40, 1,2,5-8, @last (the last launch), @LAUNCH, a status such as failed, or several: running,queued',
} as const;
