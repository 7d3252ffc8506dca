import { clockDuration } from '../../core/clock.js';
import { type Resources, signalOf } from '../../engines/index.js';
import type { RunLimits } from './work.js';

/** The limits of runs on this machine by what is asked for. */
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

/** What limits of runs on this machine come to as something asked for; what they don't limit is left out. */
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

/** Limits as they are after runs were changed to ask for something else. */
export function changedLimits(limits: RunLimits, changed: Partial<Resources>): RunLimits {
  const now = { ...resourcesOfLimits(limits), ...changed };
  const { walltime, ...rest } = limitsOf(now);
  const same = changed.time === undefined && changed.signal === undefined;
  return { ...limits, ...rest, walltime: same ? limits.walltime : walltime, gpusPerRun: now.gpus };
}
