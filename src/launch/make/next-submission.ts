import { thisProcess } from '../../core/process.js';
import type { Resources } from '../../resources/index.js';
import type { JobRecord } from '../../store/index.js';

/**
 * The job record of a run for its next submission: what the previous submission has come to is forgotten, and
 * this process becomes the launcher.
 */
export function nextSubmission(
  job: JobRecord,
  { token, firstAttempt }: Pick<JobRecord, 'token' | 'firstAttempt'>,
): JobRecord {
  const restarts = { continued: undefined, retried: undefined, requeued: undefined };
  const forgotten = {
    ...restarts,
    jobId: undefined,
    submitted: undefined,
    verdict: undefined,
    despiteFailures: undefined,
  };
  return { ...job, ...forgotten, token, firstAttempt, launcher: thisProcess() };
}

/** What a run asks for differently from its launch, as its job record keeps it (JSON). */
export const changesOf = (changed: string | undefined): Partial<Resources> => JSON.parse(changed ?? '{}');
