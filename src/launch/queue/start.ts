import { rangesText } from '../../core/consecutive.js';
import { enqueue, isFinalStatus, leaveQueue, newId, readRun } from '../../store/index.js';
import { behind, type Settled, settleDependencies } from '../dependencies.js';
import { limitsElsewhere, stoppable } from '../engine/start.js';
import { runsOf, takeOver } from '../here/resume.js';
import type { Launch, LaunchEvent, LaunchedRun } from '../here/work.js';
import { failUnstarted } from '../make/fail-unstarted.js';
import { beginLaunch, type LaunchOrigin, makerOf, type RunMaker } from '../make/run-maker.js';
import { type Plan, planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import type { QueuePlan } from './queue-plan.js';

/** Makes the runs of a plan and puts them into the local queue. */
export function launchQueue(plan: Plan, queue: QueuePlan, origin: LaunchOrigin): Launch {
  return stoppable(async function* (signal) {
    const settled = await settleDependencies(plan.settings.logger.parent_log_dir, queue.after);
    const begun = beginLaunch(plan, origin, limitsElsewhere(plan), undefined, queue);
    let done = false;
    try {
      yield { type: 'launched', launch: begun.launch, store: begun.store };
      yield* queueRuns(begun.maker, missingSpecs(begun.store, plan, new Map()), settled, queue, signal);
      done = !signal.aborted;
    } finally {
      await begun.finish(done);
    }
  });
}

/** Finishes a launch into the queue that was interrupted: makes what is missing; what is there waits already. */
export function resumeQueue(
  store: string,
  launch: string,
  recorded: RecordedLaunch & { readonly queue: QueuePlan },
  force: boolean,
): Launch {
  const { plan, queue } = recorded;
  return stoppable(async function* (signal) {
    const settled = await settleDependencies(store, queue.after);
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const known = runsOf(store, launch, recorded);
      yield* queueRuns(maker, missingSpecs(store, plan, known), settled, queue, signal);
      done = !signal.aborted;
    } finally {
      maker.close(done);
    }
  });
}

/** A run that is to be made, or made whole where it has an id already. */
interface Missing {
  readonly spec: RunSpec;
  readonly id: number | undefined;
}

/** What a launch that was interrupted has not made; what is there and has not ended is put into the queue once more, in case. */
function* missingSpecs(store: string, plan: Plan, known: ReadonlyMap<number, number>): Generator<Missing> {
  for (const spec of planRuns(plan)) {
    const id = known.get(spec.point.index);
    const run = id === undefined ? undefined : readRun(store, id);
    if (id === undefined || run?.kind !== 'run') yield { spec, id };
    else if (!isFinalStatus(run.status.status)) enqueue(store, id);
  }
}

/** So many runs are told of at once. */
const toldAtOnce = 1000;

/** Makes runs with their places in the queue, or, where what they are to wait for has failed already, as failed ones. */
function* queueRuns(
  maker: RunMaker,
  missing: Iterable<Missing>,
  settled: Settled,
  queue: QueuePlan,
  signal: AbortSignal,
): Generator<LaunchEvent> {
  let made: LaunchedRun[] = [];
  const told = (): LaunchEvent => {
    const runs = made;
    made = [];
    return { type: 'submitted', runs, engine: 'local', jobId: rangesText(runs.map(({ id }) => id)), found: false };
  };
  for (const { spec, id } of missing) {
    if (signal.aborted) break;
    const previous = queue.chain ? maker.runBefore(spec.point.index) : undefined;
    const part = { token: newId(), after: settled.kind === 'open' ? behind(settled.after, previous) : undefined };
    const { run } = id === undefined ? maker.make(spec, part) : maker.complete(id, spec, part);
    if (settled.kind === 'open') {
      made.push(run);
      if (made.length === toldAtOnce) yield told();
    } else {
      leaveQueue(maker.context.store, run.id);
      yield failUnstarted(run, settled.reason);
    }
  }
  if (made.length > 0) yield told();
}
