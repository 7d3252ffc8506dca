import type { QueueEntry } from '../../store/index.js';
import type { Waiting } from '../dependencies.js';

/** How the runs of a launch wait in the local queue, which `mlx execute` runs. */
export interface QueuePlan extends Waiting, Omit<QueueEntry, 'held'> {
  /** What people call the runs; undefined where they have given no name. */
  readonly name: string | undefined;
}

/** What the queue has to know of one of its runs. */
export function queuedJob({ after: _after, chain: _chain, name: _name, ...queued }: QueuePlan): QueueEntry {
  return { ...queued, held: false };
}
