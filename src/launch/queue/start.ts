import { rangesText } from '../../core/consecutive.js';
import { leaveQueue, newId, readRun } from '../../store/index.js';
import { behind, type Settled, settleDependencies } from '../dependencies.js';
import { coveredEvents, type Launch, type LaunchEvent, type LaunchedRun, stoppable } from '../events.js';
import { beginWithoutOthers, type LaunchOrigin } from '../make/begin.js';
import { failUnstarted } from '../make/fail-unstarted.js';
import type { RunMaker } from '../make/run-maker.js';
import { type Plan, planRuns, type RunSpec } from '../plan/plan.js';
import type { QueueTarget } from '../target.js';

/** Makes the runs of a plan and puts them into the local queue. */
export function startQueue(plan: Plan, target: QueueTarget, origin: LaunchOrigin): Launch {
  return stoppable(async function* (signal) {
    const settled = await settleDependencies(plan.settings.logger.parent_log_dir, target.after);
    const { begun, covered } = await beginWithoutOthers(plan, origin, target);
    yield* coveredEvents(covered, plan.count - covered);
    if (!begun) return;
    const { launch, store, maker, finish } = begun;
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      yield* queueRuns(maker, missingRuns(store, begun.plan, { known: new Map(), all: true }), {
        settled,
        target,
        signal,
      });
      done = !signal.aborted;
    } finally {
      await finish(done);
    }
  });
}

/** A run to make, or to complete if it has an id already. */
interface MissingRun {
  readonly spec: RunSpec;
  readonly id: number | undefined;
}

/**
 * The runs of a plan that are not made yet, or only in part; `known` has the ids of its points. Without
 * `all`, only those that have an id.
 */
export function* missingRuns(
  store: string,
  plan: Plan,
  { known, all }: { readonly known: ReadonlyMap<number, number>; readonly all: boolean },
): Generator<MissingRun> {
  for (const spec of planRuns(plan)) {
    const id = known.get(spec.point.index);
    if (id === undefined ? all : readRun(store, id)?.kind !== 'run') yield { spec, id };
  }
}

/** How many runs one event reports. */
const runsPerEvent = 1000;

interface Queueing {
  readonly settled: Settled;
  readonly target: QueueTarget;
  readonly signal: AbortSignal;
}

/**
 * Makes runs and puts them into the queue; or, if a dependency has failed already, records them as failed.
 */
export function* queueRuns(
  maker: RunMaker,
  missing: Iterable<MissingRun>,
  { settled, target, signal }: Queueing,
): Generator<LaunchEvent> {
  let made: LaunchedRun[] = [];
  const submitted = (): LaunchEvent => {
    const runs = made;
    made = [];
    return { type: 'submitted', runs, engine: 'local', jobId: rangesText(runs.map(({ id }) => id)), found: false };
  };
  for (const { spec, id } of missing) {
    if (signal.aborted) break;
    const previous = target.chain ? maker.runBefore(spec.point.index) : undefined;
    const part = { token: newId(), after: settled.kind === 'open' ? behind(settled.after, previous) : undefined };
    const { run } = id === undefined ? maker.make(spec, part) : maker.complete(id, spec, part);
    if (settled.kind === 'open') {
      made.push(run);
      if (made.length === runsPerEvent) yield submitted();
    } else {
      leaveQueue(maker.context.store, run.id);
      yield failUnstarted(run, settled.reason);
    }
  }
  if (made.length > 0) yield submitted();
}
