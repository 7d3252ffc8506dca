import { coveredEvents, type Launch } from '../events.js';
import { beginWithoutOthers, type LaunchOrigin } from '../make/begin.js';
import type { RunMaker } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import { type Plan, planRuns } from '../plan/plan.js';
import type { HereTarget } from '../target.js';
import { carryOut } from '../worker.js';
import { type HereTask, LaunchTasks } from './work.js';

/**
 * Carries out a plan on this machine. Runs are created one by one, just before each starts, and recorded in
 * the launch as they are claimed, so that `resumeHere` can finish a launch that was killed.
 */
export function startHere(plan: Plan, target: HereTarget, origin: LaunchOrigin): Launch {
  return carryOut(async function* () {
    const { begun, covered } = await beginWithoutOthers(plan, origin, target);
    yield* coveredEvents(covered, plan.count - covered);
    if (!begun) return undefined;
    const { launch, store, maker, finish } = begun;
    const source = new LaunchTasks(newTasks(maker, begun.plan), target, finish);
    const { grace, walltime } = target;
    return { launch, store, supervisor: supervisorIn(maker.context.runtime), grace, walltime, source };
  });
}

function* newTasks(maker: RunMaker, plan: Plan): Generator<HereTask> {
  for (const spec of planRuns(plan)) yield { kind: 'start', ...maker.make(spec) };
}
