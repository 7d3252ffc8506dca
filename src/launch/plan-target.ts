import { firstGiven, optionText, refuseTogether } from '../arguments/index.js';
import { fail } from '../failures/index.js';
import type { Settings } from '../settings/index.js';
import { checkJobs } from './engine/check.js';
import { engineTarget } from './engine/options.js';
import { hereTarget } from './here/options.js';
import { jobOnlyKeys, type TargetOptions } from './options.js';
import { queueTarget } from './queue/options.js';
import { retryPolicyOf, type Target, type Waiting } from './target.js';

/** What is known of a launch when its target is made. */
export interface TargetRequest {
  /** The engine's short name or module, `local` for the queue; undefined for this machine. */
  readonly chosen: string | undefined;
  readonly settings: Settings;
  /** Returns what the runs wait for; asked only if the target can wait. */
  readonly waiting: () => Waiting;
  /** Options of the engine from a script's header. */
  readonly header?: readonly string[];
}

/** A target, and notes about it for the user. */
export interface PlannedTarget {
  readonly target: Target;
  readonly notes: readonly string[];
}

/**
 * Makes the target of a launch from its options. Throws `options-exclude`, `needs-retries`, `needs-engine`
 * for an option that only an engine understands, and what `hereTarget`, `engineTarget`, `queueTarget` and
 * `checkJobs` throw.
 */
export async function planTarget(options: TargetOptions, request: TargetRequest): Promise<PlannedTarget> {
  refuseTogether(options, 'failFast', 'maxFailures');
  const { target, notes } = await planWithoutLimit(options, request);
  if (options.retryOn !== undefined && !retryPolicyOf(target).retries) fail({ reason: 'needs-retries' });
  return { target: { ...target, maxFailures: options.maxFailures ?? (options.failFast ? 1 : undefined) }, notes };
}

async function planWithoutLimit(
  options: TargetOptions,
  { chosen, settings, waiting, header = [] }: TargetRequest,
): Promise<PlannedTarget> {
  if (chosen === undefined) {
    const key = firstGiven(options, jobOnlyKeys);
    if (key !== undefined) fail({ reason: 'needs-engine', option: optionText(key) });
    return { target: hereTarget(options, settings), notes: [] };
  }
  const waits = waiting();
  if (chosen === 'local') return { target: { ...queueTarget(options), ...waits }, notes: [] };
  const { notes, ...asked } = await engineTarget(options, settings, chosen, header);
  const target = { ...asked, ...waits };
  checkJobs(target);
  return { target, notes };
}
