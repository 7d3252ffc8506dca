import { firstGiven, optionText } from '../../arguments/index.js';
import { unsupported } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { QueuePlan } from '../../launch/index.js';
import { type HereOnlyOptions, type JobOptions, jobOnlyKeys } from '../options/jobs.js';
import { waitingKeys } from '../options/waiting.js';
import { hereResources } from './plan-here.js';

export type QueueOptions = JobOptions & HereOnlyOptions & { readonly logDir?: string | undefined };

/** The options for jobs that the local queue understands. */
const understoodKeys: ReadonlySet<string> = new Set(['gpus', 'name', 'export', 'priority', ...waitingKeys]);

/**
 * Returns how runs wait in the local queue. Throws `needs-engine` for an option that only an engine
 * understands, and what reading the others throws.
 */
export function planQueue(options: QueueOptions): Omit<QueuePlan, 'after' | 'chain'> {
  const engineOnly = firstGiven<QueueOptions, keyof QueueOptions>(options, [
    ...jobOnlyKeys.filter((key) => !understoodKeys.has(key)),
    'failFast',
    'stream',
    'parallel',
    'gpusPerRun',
    'notify',
  ]);
  if (engineOnly !== undefined) fail({ reason: 'needs-engine', option: optionText(engineOnly) });
  if (options.grace !== undefined) unsupported('the local queue', 'grace', 'mlx execute --grace TIME decides that');
  const { cpus, gpus, name, mem, time, signal, signalTo, continueOnTimeout } = hereResources(options, ['gpus', 'name']);
  return {
    name,
    priority: options.priority ?? 0,
    slots: cpus ?? 1,
    gpus: gpus ?? 0,
    limit: time,
    mem,
    signal,
    signalTo: signalTo === 'program' ? 'program' : undefined,
    continues: continueOnTimeout,
    shown: options.logDir === undefined,
  };
}
