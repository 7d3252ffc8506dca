import { checkJobs, type Target } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { hereTarget } from './here-resources.js';
import { refuseJobOptions } from './launch-options.js';

/** Where the runs go, and what to note of it. */
export interface PlannedTarget {
  readonly target: Target;
  readonly notes: readonly string[];
}

/** Makes the target from the options; `chosen` is the engine, undefined for this machine. Throws what reading the options throws. */
export async function planTarget(
  chosen: string | undefined,
  settings: Settings,
  parsed: ParsedArgs,
  io: Io,
  { header = [], chain = false }: { readonly header?: readonly string[]; readonly chain?: boolean } = {},
): Promise<PlannedTarget> {
  if (chosen === undefined) {
    refuseJobOptions(parsed);
    return { target: hereTarget(parsed, settings), notes: [] };
  }
  const { waitingOf } = await import('./waiting.js');
  const waiting = waitingOf(parsed, settings.logger.parent_log_dir, io, chain);
  if (chosen === 'local') {
    const { planQueue } = await import('./queue-options.js');
    return { target: { ...planQueue(parsed), ...waiting }, notes: [] };
  }
  const { planJobs } = await import('./job-options.js');
  const { notes, ...jobs } = await planJobs(parsed, settings, chosen, header);
  const plan = { ...jobs, ...waiting };
  checkJobs(plan);
  return { target: plan, notes };
}
