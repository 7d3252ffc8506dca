import { fail } from '../../failures/index.js';
import {
  type CompleteRun,
  enqueue,
  hasStarted,
  isFinalStatus,
  queuedIds,
  type Run,
  readRun,
  restartsOf,
} from '../../store/index.js';
import { settleDependencies } from '../dependencies.js';
import { type Launch, type LaunchEvent, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { runsOf, takeOver } from '../make/take-over.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { continuing, goesOn } from '../restarts.js';
import { isStoppedOnPurpose, missingCounts, type ResumeScope } from '../resume-scope.js';
import type { QueueTarget } from '../target.js';
import { requeue } from './again.js';
import { missingRuns, queueRuns } from './start.js';

/**
 * What is left to do for a point of a launch into the local queue: make its directory (`create`), complete
 * the directory, put its run into the queue `again`; or nothing, because it waits or runs (`waiting`), was
 * stopped on purpose (`stopped`) or is done.
 */
type RemainingQueued = 'create' | 'complete' | 'again' | 'waiting' | 'stopped' | 'done';

/** How many points of a launch into the local queue have what left to do. */
export interface QueueSurvey {
  readonly launch: string;
  readonly counts: Readonly<Record<RemainingQueued, number>>;
  /** How many of the runs that are done are not COMPLETE. */
  readonly bad: number;
}

/** Which of the launch's runs are put into the queue again. */
interface Surveyed {
  readonly launch: string;
  readonly scope: ResumeScope;
  /** The runs in the queue. */
  readonly queued: ReadonlySet<number>;
}

/** Counts what a launch into the local queue has left to do; writes nothing. Throws `broken-record`. */
export function surveyQueue(
  store: string,
  launch: string,
  recorded: RecordedLaunch<QueueTarget>,
  scope: ResumeScope,
): QueueSurvey {
  const known = runsOf(store, launch, recorded);
  const { create, stopped } = missingCounts(recorded.plan.count - known.size, { store, launch, scope });
  const counts = { create, complete: 0, again: 0, waiting: 0, stopped, done: 0 };
  const surveyed = { launch, scope, queued: new Set(queuedIds(store)) };
  let bad = 0;
  for (const id of known.values()) {
    const run = readRun(store, id);
    const remaining = remainingOf(run, surveyed);
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, counts, bad };
}

function remainingOf(run: Run | undefined, { launch, scope, queued }: Surveyed): RemainingQueued {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  // Elsewhere by now: a later launch continues in this directory, or the run was started without the queue.
  if (run.job?.launch !== launch || !run.job.queued) return 'done';
  if (isStoppedOnPurpose(run)) return scope.stopped ? 'again' : 'stopped';
  const { status } = run.status;
  // The queue starts these again by itself as long as they are in it.
  if (status === 'STOPPED' || goesOn(run, continuing(run.job.queued.continues))) return 'again';
  if (isFinalStatus(status)) return 'done';
  return queued.has(run.id) || status === 'RUNNING' ? 'waiting' : 'again';
}

/**
 * Finishes an interrupted launch into the local queue: makes the missing runs, and puts those into the queue
 * again that were interrupted or lost. Those that wait stay as they are.
 */
export function resumeQueue(
  store: string,
  launch: string,
  recorded: RecordedLaunch<QueueTarget>,
  { force, scope }: { readonly force: boolean; readonly scope: ResumeScope },
): Launch {
  const { plan, target } = recorded;
  return stoppable(async function* (signal) {
    const settled = await settleDependencies(store, target.after);
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const known = runsOf(store, launch, recorded);
      const surveyed = { launch, scope, queued: new Set(queuedIds(store)) };
      for (const [point, id] of known) {
        const run = readRun(store, id);
        const remaining = remainingOf(run, surveyed);
        // In case it has just left the queue.
        if (remaining === 'waiting') enqueue(store, id);
        if (remaining !== 'again' || run?.kind !== 'run' || signal.aborted) continue;
        queueAgain(store, run);
        yield submittedAgain(run, point);
      }
      const missing = missingRuns(store, plan, { known, all: scope.missing });
      yield* queueRuns(maker, missing, { settled, target, signal });
      done = !signal.aborted;
    } finally {
      maker.close(done);
    }
  });
}

function queueAgain(store: string, run: CompleteRun): void {
  const restarts = goesOn(run, continuing(run.job?.queued?.continues));
  // A run that has begun goes on, however many others have failed.
  const despiteFailures = run.job !== undefined && hasStarted(run.job, run.attempt);
  requeue(store, [run], {}, { restarts: restarts ?? restartsOf(run), despiteFailures });
}

function submittedAgain({ id, directory, job, overrides }: CompleteRun, point: number): LaunchEvent {
  const run = { id, directory, token: job?.token ?? '', point, overrides, label: overrides.join(' ') };
  return { type: 'submitted', runs: [run], engine: 'local', jobId: String(id), found: false };
}
