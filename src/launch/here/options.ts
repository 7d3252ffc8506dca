import { availableParallelism } from 'node:os';
import { refuseTogether } from '../../arguments/index.js';
import { clockDuration } from '../../core/clock.js';
import type { Environment } from '../../core/environment.js';
import { fail } from '../../failures/index.js';
import { visibleGpus } from '../../local/index.js';
import { type ResourceName, type Resources, readResources, resourcesBesides, signalOf } from '../../resources/index.js';
import type { Settings } from '../../settings/index.js';
import { checkTimes } from '../engine/check.js';
import { askedResources, type TargetOptions } from '../options.js';
import type { Plan } from '../plan/plan.js';
import type { HereTarget, RunLimits, Target } from '../target.js';

/** The limits of each run on this machine for what is asked of it. */
function limitsOf(resources: Partial<Resources>) {
  const { time, cpus, mem, signalTo, continueOnTimeout, retries, retryOn } = resources;
  return {
    walltime:
      time === undefined
        ? undefined
        : { seconds: time, reason: `over its ${clockDuration(time)} limit`, warning: signalOf(resources) },
    cpusPerRun: cpus,
    memPerRun: mem,
    signalTo: signalTo === 'program' ? signalTo : undefined,
    continues: continueOnTimeout,
    retries,
    retryOn,
  } as const;
}

/** What the limits of runs on this machine ask for, as resources; what is not limited is left out. */
export function resourcesOfLimits(limits: RunLimits): Partial<Resources> {
  const { walltime, cpusPerRun, memPerRun, gpusPerRun, signalTo, continues, retries, retryOn } = limits;
  const warning = walltime?.warning;
  return {
    ...(walltime && { time: walltime.seconds }),
    ...(warning && { signal: `${warning.signal}@${warning.seconds}` }),
    ...(cpusPerRun !== undefined && { cpus: cpusPerRun }),
    ...(memPerRun !== undefined && { mem: memPerRun }),
    ...(gpusPerRun && { gpus: gpusPerRun }),
    ...(signalTo && { signalTo }),
    ...(continues !== undefined && { continueOnTimeout: continues }),
    ...(retries !== undefined && { retries }),
    ...(retryOn !== undefined && { retryOn }),
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

/**
 * Makes the target of a launch on this machine from its options. Throws what `hereResources` and `parallelOf`
 * throw.
 */
export function hereTarget(options: TargetOptions, { grace }: Pick<Settings, 'grace'>): HereTarget {
  const resources = hereResources(options, resourcesBesides('here'));
  return {
    kind: 'here',
    parallel: parallelOf(options.parallel, resources.cpus),
    ...limitsOf(resources),
    failFast: options.failFast ?? false,
    gpusPerRun: options.gpusPerRun,
    grace,
  };
}

/**
 * Returns what the options ask for a run on this machine, of the resources that are understood. `walltime`
 * means `time`. Throws `options-exclude`, `bad-resource`, or `needs-time` if an option counts back from a
 * time limit that is missing.
 */
export function hereResources(options: TargetOptions, understood: readonly ResourceName[]): Resources {
  refuseTogether(options, 'walltime', 'time');
  const resources = readResources([askedResources(options, understood)]);
  checkTimes(resources, true);
  return resources;
}

/**
 * Returns how many runs go at once here. If each run asks for CPUs, the default is as many as there are CPUs
 * for. Throws `cpus-missing` if `asked` runs need more CPUs than there are.
 */
export function parallelOf(asked: number | undefined, cpus: number | undefined): number {
  const available = availableParallelism();
  if (cpus === undefined) return asked ?? available;
  const most = Math.floor(available / cpus);
  if (most < (asked ?? 1)) fail({ reason: 'cpus-missing', each: cpus, parallel: asked ?? 1, available });
  return asked ?? most;
}

/** Throws `gpus-missing` if each run asks for more GPUs than this process can see. */
export function requireGpus({ gpusPerRun: wanted }: HereTarget, environment: Environment): void {
  if (wanted === undefined) return;
  const visible = visibleGpus(environment);
  if (wanted > visible.length) fail({ reason: 'gpus-missing', wanted, visible });
}
