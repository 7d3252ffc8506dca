import { type Resources, timesOf } from '../resources/index.js';
import { type CompleteRun, hasStarted, readAttempt } from '../store/index.js';

/** How often a run has started again by itself: after its time limit, and for other reasons. */
export interface Restarts {
  readonly continued: number;
  readonly requeued: number;
}

/** What a run may do by itself when an attempt ends; the options `--continue-on-timeout` and `--requeue`. */
export type RestartPolicy = Pick<Resources, 'continueOnTimeout' | 'requeue'>;

/**
 * The policy of runs that only `--continue-on-timeout` applies to: those of this machine and of the local
 * queue.
 */
export const continuing = (continues: RestartPolicy['continueOnTimeout']): RestartPolicy => ({
  continueOnTimeout: continues,
  requeue: undefined,
});

/**
 * How often a run has started again by itself, in this submission and in those that mlx made before it.
 * `mlx_count_restarts` of the supervisor counts the same.
 */
export function restartsOf({ directory, job, attempt }: Pick<CompleteRun, 'directory' | 'job' | 'attempt'>): Restarts {
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
 * Decides whether a run that has ended starts again by itself: after its time limit if it continues, after a
 * preemption if it is requeued, each as often as the policy allows. Returns its restarts counted with the
 * next one, or undefined if the run has ended for good. All targets ask here.
 */
export function goesOn(
  run: Pick<CompleteRun, 'directory' | 'job' | 'attempt' | 'status'>,
  { continueOnTimeout, requeue }: RestartPolicy,
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
