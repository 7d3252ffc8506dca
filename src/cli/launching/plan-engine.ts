import { firstGiven, optionText } from '../../arguments/index.js';
import { fail } from '../../failures/index.js';
import { checkJobs, type JobPlan, type QueuePlan } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import { jobOnlyKeys } from '../options/jobs.js';
import { planJobs } from './plan-jobs.js';
import { planQueue, type QueueOptions } from './plan-queue.js';
import { waitingOf } from './waiting.js';

/**
 * Where runs go: to an engine as jobs, into the local queue, or, with neither, to processes on this machine.
 */
export interface EnginePlan {
  readonly jobs: JobPlan | undefined;
  readonly queue: QueuePlan | undefined;
  readonly notes: readonly string[];
}

type EngineOptions = QueueOptions & { readonly dependencies?: readonly string[] };

/** What is known of a launch when its engine is planned. */
interface EngineRequest {
  /** The engine's short name or module, `local` for the queue; undefined for processes on this machine. */
  readonly chosen: string | undefined;
  readonly settings: Settings;
  readonly cwd: string;
  /** Options of the engine from a script's header. */
  readonly header?: readonly string[];
  /** True if each run waits for the one before it. */
  readonly chain?: boolean;
}

/**
 * Returns what the options ask of the engine. Throws `needs-engine`, and what planning for the engine throws.
 */
export async function planEngine(
  options: EngineOptions,
  { chosen, settings, cwd, header = [], chain = false }: EngineRequest,
): Promise<EnginePlan> {
  if (chosen === undefined) {
    const key = firstGiven(options, jobOnlyKeys);
    if (key !== undefined) fail({ reason: 'needs-engine', option: optionText(key) });
    return { jobs: undefined, queue: undefined, notes: [] };
  }
  const waiting = waitingOf(options, { store: settings.logger.parent_log_dir, cwd, chain });
  if (chosen === 'local') {
    return { jobs: undefined, queue: { ...planQueue(options), ...waiting }, notes: [] };
  }
  const { notes, ...jobs } = await planJobs(options, settings, chosen, header);
  const plan = { ...jobs, ...waiting };
  checkJobs(plan);
  return { jobs: plan, queue: undefined, notes };
}
