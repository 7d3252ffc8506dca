import { type EngineLimits, queueOf } from '../../engines/index.js';
import { coveredEvents, type Launch, stoppable } from '../events.js';
import { beginWithoutOthers, type LaunchOrigin } from '../make/begin.js';
import type { RunMaker } from '../make/run-maker.js';
import { type Plan, planRuns } from '../plan/plan.js';
import type { EngineTarget } from '../target.js';
import { type Part, Submitter, waitsOf } from './work.js';

/** An engine target with the limits that its engine has just told, see `readLimits`. */
export interface LimitedEngine {
  readonly target: EngineTarget;
  readonly limits: EngineLimits;
}

/**
 * Makes the runs of a plan and submits them as jobs. The events end when everything that can be is submitted.
 */
export function startEngine(plan: Plan, { target, limits }: LimitedEngine, origin: LaunchOrigin): Launch {
  return stoppable(async function* (signal) {
    const waits = await waitsOf(plan.settings.logger.parent_log_dir, target);
    const named = { ...target, queueName: queueOf(target, limits) };
    const { begun, covered } = await beginWithoutOthers(plan, origin, named);
    yield* coveredEvents(covered, plan.count - covered);
    if (!begun) return;
    const { launch, store, maker, finish } = begun;
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const submitter = new Submitter({ maker, target, limits, signal, waits });
      yield* submitter.submit(newParts(maker, begun.plan), begun.plan.count);
      done = submitter.allSubmitted;
    } finally {
      await finish(done);
    }
  });
}

function* newParts(maker: RunMaker, plan: Plan): Generator<Part> {
  for (const spec of planRuns(plan)) yield { point: spec.point.index, prepare: (part) => maker.make(spec, part).run };
}
