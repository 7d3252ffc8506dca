import { type CompleteRun, enqueue, lastAttemptNumber, newId, type QueueEntry, writeJob } from '../../store/index.js';
import { nextSubmission } from '../make/next-submission.js';

/**
 * Puts runs of the local queue into it again, each for its next attempt; `changed` is what they ask for now.
 */
export function requeue(
  store: string,
  runs: readonly CompleteRun[],
  changed: Partial<QueueEntry>,
  continued = 0,
): void {
  for (const { id, directory, job } of runs) {
    if (!job?.queued) continue;
    const queued = { ...job.queued, ...changed, held: false };
    // Enqueue first, in case we are killed; and again after, because a worker may have dequeued it when it
    // saw the previous attempt end.
    enqueue(store, id);
    const again = nextSubmission(job, { token: newId(), firstAttempt: lastAttemptNumber(directory) + 1 });
    writeJob(directory, { ...again, queued, continued });
    enqueue(store, id);
  }
}
