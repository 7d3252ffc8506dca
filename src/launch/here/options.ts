import { clockDuration } from '../../core/clock.js';
import { type Resources, signalOf } from '../../engines/index.js';
import type { Plan } from '../plan/plan.js';
import type { HereTarget, RunLimits, Target } from '../target.js';

/** The limits of each run on this machine for what is asked of it. */
export function limitsOf(resources: Partial<Resources>) {
  const { time, cpus, mem, signalTo, continueOnTimeout } = resources;
  return {
    walltime:
      time === undefined
        ? undefined
        : { seconds: time, reason: `over its ${clockDuration(time)} limit`, warning: signalOf(resources) },
    cpusPerRun: cpus,
    memPerRun: mem,
    signalTo: signalTo === 'program' ? signalTo : undefined,
    continues: continueOnTimeout,
  } as const;
}

/** What the limits of runs on this machine ask for, as resources; what is not limited is left out. */
export function resourcesOfLimits(limits: RunLimits): Partial<Resources> {
  const { walltime, cpusPerRun, memPerRun, gpusPerRun, signalTo, continues } = limits;
  const warning = walltime?.warning;
  return {
    ...(walltime && { time: walltime.seconds }),
    ...(warning && { signal: `${warning.signal}@${warning.seconds}` }),
    ...(cpusPerRun !== undefined && { cpus: cpusPerRun }),
    ...(memPerRun !== undefined && { mem: memPerRun }),
    ...(gpusPerRun && { gpus: gpusPerRun }),
    ...(signalTo && { signalTo }),
    ...(continues !== undefined && { continueOnTimeout: continues }),
  };
}

/** The target after runs were changed to ask for something else. */
export function changedHere(target: HereTarget, changed: Partial<Resources>): HereTarget {
  const now = { ...resourcesOfLimits(target), ...changed };
  const { walltime, ...rest } = limitsOf(now);
  const same = changed.time === undefined && changed.signal === undefined;
  return { ...target, ...rest, walltime: same ? target.walltime : walltime, gpusPerRun: now.gpus };
}

/**
 * The target of a launch if its runs were started on this machine now. Runs that went elsewhere have no
 * limits here.
 */
export function asHere({ target, plan }: { readonly target: Target; readonly plan: Plan }): HereTarget {
  if (target.kind === 'here') return target;
  const { grace } = plan.settings;
  return { kind: 'here', parallel: 1, walltime: undefined, failFast: false, grace };
}
