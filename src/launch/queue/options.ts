import { firstGiven, optionText } from '../../arguments/index.js';
import { unsupported } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { type Resources, resourcesBesides } from '../../resources/index.js';
import type { QueueEntry } from '../../store/index.js';
import { hereResources } from '../here/options.js';
import { jobOnlyKeys, type TargetOptions, waitingKeys } from '../options.js';
import type { QueueTarget, RetryPolicy, Waiting } from '../target.js';

/** What the local queue needs to know of each run of a launch. */
export function queuedJob({
  kind: _kind,
  after: _after,
  chain: _chain,
  name: _name,
  maxFailures: _maxFailures,
  retries: _retries,
  retryOn: _retryOn,
  ...queued
}: QueueTarget): QueueEntry {
  return { ...queued, held: false };
}

/** What is asked of runs, as far as the local queue understands it. */
export function queueChanges(asked: Partial<Resources>): Partial<QueueEntry> & RetryPolicy {
  const { time, cpus, gpus, mem, signal, signalTo, continueOnTimeout, retries, retryOn } = asked;
  return {
    ...(time !== undefined && { limit: time }),
    ...(cpus !== undefined && { slots: cpus }),
    ...(gpus !== undefined && { gpus }),
    ...(mem !== undefined && { mem }),
    ...(signal !== undefined && { signal }),
    ...(signalTo !== undefined && { signalTo: signalTo === 'program' ? 'program' : undefined }),
    ...(continueOnTimeout !== undefined && { continues: continueOnTimeout }),
    ...(retries !== undefined && { retries }),
    ...(retryOn !== undefined && { retryOn }),
  };
}

/**
 * Returns how runs wait in the local queue. Throws `needs-engine` for an option that only an engine
 * understands, and what reading the others throws.
 */
export function queueTarget(options: TargetOptions): Omit<QueueTarget, keyof Waiting> {
  const resources = resourcesBesides('queue');
  const understood: ReadonlySet<string> = new Set([...resources, 'export', 'priority', ...waitingKeys]);
  const engineOnly = firstGiven<TargetOptions, keyof TargetOptions & string>(options, [
    ...jobOnlyKeys.filter((key) => !understood.has(key)),
    'stream',
    'parallel',
    'gpusPerRun',
    'notify',
  ]);
  if (engineOnly !== undefined) fail({ reason: 'needs-engine', option: optionText(engineOnly) });
  if (options.grace !== undefined) unsupported('the local queue', 'grace', { kind: 'grace-of-execute' });
  const asked = hereResources(options, resources);
  const { cpus, gpus, name, mem, time, signal, signalTo, continueOnTimeout, retries, retryOn } = asked;
  return {
    kind: 'queue',
    name,
    priority: options.priority ?? 0,
    slots: cpus ?? 1,
    gpus: gpus ?? 0,
    limit: time,
    mem,
    signal,
    signalTo: signalTo === 'program' ? 'program' : undefined,
    continues: continueOnTimeout,
    retries,
    retryOn,
    shown: options.logDir === undefined,
  };
}
