import { availableParallelism } from 'node:os';
import { type Plan, type PlannedTarget, requireGpus, type TargetOptions } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import { followChoices, type OutputOptions } from '../options/output.js';
import type { LaunchShape } from '../output/plan-text.js';

export type CarryOutOptions = TargetOptions &
  OutputOptions & { readonly dryRun: boolean; readonly detach?: boolean; readonly verbose?: boolean };

/** Where a plan goes, and what is called once everything has been checked (`LaunchShape`). */
export interface CheckedTarget extends PlannedTarget {
  readonly onChecked?: LaunchShape['onChecked'];
}

/** Shows a plan, or submits it, or runs it here. Resolves to the exit code. */
export async function carryOutOrShow(
  plan: Plan,
  { target, notes, onChecked }: CheckedTarget,
  options: CarryOutOptions,
  io: Io,
): Promise<number> {
  const parallel = target.kind === 'here' ? target.parallel : (options.parallel ?? availableParallelism());
  const shape = { plan, parallel, notes, onChecked };
  if (options.dryRun) {
    const { showDryRun } = await import('./dry-run.js');
    return showDryRun({ ...shape, target }, io, options.json ?? false);
  }
  switch (target.kind) {
    case 'queue': {
      const { queuePlan } = await import('./follow-queueing.js');
      return queuePlan({ ...shape, target }, options, io);
    }
    case 'engine': {
      const { submitPlan } = await import('./follow-submission.js');
      return submitPlan({ ...shape, target }, options, io);
    }
    case 'here': {
      requireGpus(target, io.env);
      if (options.detach) {
        const { detachPlan } = await import('./detach.js');
        return detachPlan({ ...shape, target }, options, io);
      }
      const { carryOutPlan } = await import('./follow-launch.js');
      return carryOutPlan({ ...shape, target }, io, followChoices(options));
    }
  }
}
