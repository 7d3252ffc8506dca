import { checkJobs, type JobPlan, type QueuePlan } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { refuseJobOptions } from './launch-options.js';

/** Where runs are to go: to an engine as jobs, into the local queue, or, with neither, they are processes now. */
export interface EnginePlan {
  readonly jobs: JobPlan | undefined;
  readonly queue: QueuePlan | undefined;
  readonly notes: readonly string[];
}

/** What the options ask of the engine that was chosen; undefined for processes on this machine. Throws what planning for it throws. */
export async function planEngine(
  chosen: string | undefined,
  settings: Settings,
  parsed: ParsedArgs,
  io: Io,
  { header = [], chain = false }: { readonly header?: readonly string[]; readonly chain?: boolean } = {},
): Promise<EnginePlan> {
  if (chosen === undefined) {
    refuseJobOptions(parsed);
    return { jobs: undefined, queue: undefined, notes: [] };
  }
  const { waitingOf } = await import('./waiting.js');
  const waiting = waitingOf(parsed, settings.logger.parent_log_dir, io, chain);
  if (chosen === 'local') {
    const { planQueue } = await import('./queue-options.js');
    return { jobs: undefined, queue: { ...planQueue(parsed), ...waiting }, notes: [] };
  }
  const { planJobs } = await import('./job-options.js');
  const { notes, ...jobs } = await planJobs(parsed, settings, chosen, header);
  const plan = { ...jobs, ...waiting };
  checkJobs(plan);
  return { jobs: plan, queue: undefined, notes };
}
