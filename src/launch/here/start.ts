import { beginLaunch, type LaunchOrigin, type RunMaker } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import { type Plan, planRuns } from '../plan/plan.js';
import { carryOut, type Launch, type RunLimits, type Task } from './work.js';

/** How to carry out a plan on this machine. */
export interface HereOptions extends Omit<RunLimits, 'grace'>, LaunchOrigin {}

/**
 * Carries out a plan on this machine: runs are created one by one, just before each starts, and recorded in the launch
 * as they are claimed, so that `resumeLaunch` can finish a launch that is killed.
 */
export function launchHere(plan: Plan, options: HereOptions): Launch {
  const limits = { ...options, grace: plan.settings.grace };
  return carryOut(() => {
    const { launch, store, maker, finish } = beginLaunch(plan, options, limits, undefined);
    return { launch, store, supervisor: supervisorIn(maker.context.runtime), tasks: launchTasks(maker, plan), finish };
  }, limits);
}

function* launchTasks(maker: RunMaker, plan: Plan): Generator<Task> {
  for (const spec of planRuns(plan)) yield { kind: 'start', ...maker.make(spec) };
}
