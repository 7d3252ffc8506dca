import type { Resources } from '../../engines/index.js';
import type { QueuedJob } from '../../store/index.js';
import type { QueueTarget } from '../target.js';

/** What the local queue needs to know of each run of a launch. */
export function queuedJob({
  kind: _kind,
  after: _after,
  chain: _chain,
  name: _name,
  ...queued
}: QueueTarget): QueuedJob {
  return { ...queued, held: false };
}

/** What is asked of runs, as far as the local queue understands it. */
export function queueChanges(asked: Partial<Resources>): Partial<QueuedJob> {
  const { time, cpus, gpus, mem, signal, signalTo, continueOnTimeout } = asked;
  return {
    ...(time !== undefined && { limit: time }),
    ...(cpus !== undefined && { slots: cpus }),
    ...(gpus !== undefined && { gpus }),
    ...(mem !== undefined && { mem }),
    ...(signal !== undefined && { signal }),
    ...(signalTo !== undefined && { signalTo: signalTo === 'program' ? 'program' : undefined }),
    ...(continueOnTimeout !== undefined && { continues: continueOnTimeout }),
  };
}
