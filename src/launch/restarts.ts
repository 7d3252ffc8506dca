import { type Resources, timesOf } from '../resources/index.js';
import { type EndedRun, type Restarts, restartsOf, retryOf } from '../store/index.js';

/**
 * What a run may do by itself when an attempt ends; the options `--continue-on-timeout` and `--requeue`.
 * Whether it is tried again after a failure stands in its own record.
 */
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
 * Decides whether a run that has ended starts again by itself: after its time limit if it continues, after a
 * preemption if it is requeued, after a failure of its own if it is retried, each as often as the policy
 * allows. Returns its restarts counted with the next one, or undefined if the run has ended for good. All
 * targets ask here.
 */
export function goesOn(run: EndedRun, { continueOnTimeout, requeue }: RestartPolicy): Restarts | undefined {
  const { status } = run.status;
  if (status === 'FAILED') return retryOf(run);
  if (status !== 'TIMEOUT' && status !== 'PREEMPTED') return undefined;
  const restarts = restartsOf(run);
  const { continued, requeued } = restarts;
  if (status === 'TIMEOUT') {
    return continued < timesOf(continueOnTimeout) ? { ...restarts, continued: continued + 1 } : undefined;
  }
  return requeued < timesOf(requeue) ? { ...restarts, requeued: requeued + 1 } : undefined;
}
