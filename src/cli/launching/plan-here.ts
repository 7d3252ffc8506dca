import { availableParallelism } from 'node:os';
import pick from 'lodash/pick.js';
import { type OptionsOf, refuseTogether } from '../../arguments/index.js';
import type { Resources } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { checkTimes, readResources } from '../../launch/index.js';
import { visibleGpus } from '../../local/index.js';
import { hereResourceKeys, type ResourceOptions, type walltimeOption } from '../options/resources.js';

type HereResourceOptions = ResourceOptions & Partial<OptionsOf<[typeof walltimeOption]>>;

/**
 * Returns what the options ask for a run on this machine. `--walltime` means `--time`. `more` are further
 * options that the caller understands. Throws `options-exclude`, `bad-resource`, or `needs-time` if an option
 * counts back from a time limit that is missing.
 */
export function hereResources(options: HereResourceOptions, more: readonly (keyof ResourceOptions)[] = []): Resources {
  refuseTogether(options, 'walltime', 'time');
  const { walltime } = options;
  const given = pick(options, [...hereResourceKeys, ...more]);
  const resources = readResources([{ ...withoutMissing(given), ...(walltime !== undefined && { time: walltime }) }]);
  checkTimes(resources, true);
  return resources;
}

const withoutMissing = (values: Partial<ResourceOptions>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );

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

/** Returns `--gpus-per-run`. Throws `gpus-missing` if a run asks for more GPUs than this process can see. */
export function gpusPerRunOf(wanted: number | undefined, env: NodeJS.ProcessEnv): number | undefined {
  const visible = wanted === undefined ? [] : visibleGpus(env);
  if (wanted !== undefined && wanted > visible.length) fail({ reason: 'gpus-missing', wanted, visible });
  return wanted;
}
