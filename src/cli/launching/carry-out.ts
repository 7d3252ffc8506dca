import { limitsOf, type Plan } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import { followChoices, type OutputOptions } from '../options/output.js';
import type { EnginePlan } from './plan-engine.js';
import { gpusPerRunOf, hereResources, parallelOf } from './plan-here.js';
import { withExported } from './plan-jobs.js';
import type { QueueOptions } from './plan-queue.js';

type CarryOutOptions = QueueOptions & OutputOptions & { readonly dryRun: boolean };

/** Shows a plan, or submits it, or runs it here. Resolves to the exit code. */
export async function carryOutOrShow(
  plan: Plan,
  { jobs, queue, notes }: EnginePlan,
  options: CarryOutOptions,
  io: Io,
): Promise<number> {
  const here = jobs || queue ? undefined : hereResources(options);
  const shape = {
    plan: jobs || queue ? withExported(plan, options.export) : plan,
    parallel: parallelOf(options.parallel, here?.cpus),
    notes,
    jobs,
    queue,
  };
  if (options.dryRun) {
    const { showDryRun } = await import('./dry-run.js');
    return showDryRun(shape, io, options.json ?? false);
  }
  if (queue) {
    const { queuePlan } = await import('./follow-queueing.js');
    return queuePlan({ ...shape, queue }, options, io);
  }
  if (jobs) {
    const { submitPlan } = await import('./follow-submission.js');
    return submitPlan({ ...shape, jobs }, options, io);
  }
  const { carryOutPlan } = await import('./follow-launch.js');
  return carryOutPlan(shape, io, {
    ...followChoices(options),
    ...limitsOf(here ?? {}),
    failFast: options.failFast ?? false,
    gpusPerRun: gpusPerRunOf(options.gpusPerRun, io.env),
  });
}
