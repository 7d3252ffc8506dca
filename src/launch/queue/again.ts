import {
  type CompleteRun,
  enqueue,
  lastAttemptNumber,
  newId,
  type QueueEntry,
  type Restarts,
  writeJob,
} from '../../store/index.js';
import { nextSubmission } from '../make/next-submission.js';
import { type RetryPolicy, retryPolicyIn } from '../target.js';

/** How runs come back into the queue. */
interface Again {
  /** How often they have started again by themselves; undefined if a person asked for it. */
  readonly restarts?: Restarts;
  /** Whether they start however many runs of their launch have failed: they have begun, or a person asked. */
  readonly despiteFailures?: boolean;
}

/**
 * Puts runs of the local queue into it again, each for its next attempt; `changed` is what they ask for now.
 */
export function requeue(
  store: string,
  runs: readonly CompleteRun[],
  changed: Partial<QueueEntry> & RetryPolicy,
  { restarts, despiteFailures = true }: Again = {},
): void {
  for (const { id, directory, job } of runs) {
    if (!job?.queued) continue;
    const { retries, retryOn, ...entry } = changed;
    const queued = { ...job.queued, ...entry, held: false };
    const policy = retryPolicyIn({ retries, retryOn }, job);
    // Enqueue first, in case we are killed; and again after, because a worker may have dequeued it when it
    // saw the previous attempt end.
    enqueue(store, id);
    const again = nextSubmission(job, { token: newId(), firstAttempt: lastAttemptNumber(directory) + 1 });
    writeJob(directory, { ...again, ...restarts, ...policy, queued, despiteFailures });
    enqueue(store, id);
  }
}
