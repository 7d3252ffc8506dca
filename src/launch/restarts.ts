import { type Resources, timesOf } from '../engines/index.js';
import { type CompleteRun, hasStarted, readAttempt } from '../store/index.js';

/** How often a run was started again without anybody asking for it: after its time limit, and for other reasons. */
export interface Restarts {
  readonly continued: number;
  readonly requeued: number;
}

/** How often it was, by this submission and those that mlx itself made before it; `mlx_count_restarts` in `run.sh` counts the same. */
export function restartsOf({ directory, job, attempt }: CompleteRun): Restarts {
  const before = { continued: job?.continued ?? 0, requeued: job?.requeued ?? 0 };
  if (!job || !attempt || !hasStarted(job, attempt)) return before;
  const earlier = Array.from({ length: attempt.number - job.firstAttempt }, (_, i) =>
    readAttempt(directory, job.firstAttempt + i),
  ).filter(({ claim }) => !claim?.byHand);
  const continued = earlier.filter(({ end }) => end?.overTime).length;
  return {
    continued: before.continued + continued,
    requeued: before.requeued + earlier.length - continued,
  };
}

/**
 * The restarts that a run has had when it goes on as its next attempt by what it asked for, in a submission that mlx makes; undefined where
 * it does not: it did not end at its time limit or preempted, or has gone on as often as it may.
 */
export function goesOn(
  run: CompleteRun,
  { continueOnTimeout, requeue }: Pick<Resources, 'continueOnTimeout' | 'requeue'>,
): Restarts | undefined {
  const { status } = run.status;
  if (status !== 'TIMEOUT' && status !== 'PREEMPTED') return undefined;
  const restarts = restartsOf(run);
  const { continued, requeued } = restarts;
  if (status === 'TIMEOUT') {
    return continued < timesOf(continueOnTimeout) ? { continued: continued + 1, requeued } : undefined;
  }
  return requeued < timesOf(requeue) ? { continued, requeued: requeued + 1 } : undefined;
}
