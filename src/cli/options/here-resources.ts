import { availableParallelism } from 'node:os';
import { type Resources, readResources } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { checkTimes } from '../../launch/index.js';
import type { ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';
import { hereOptions } from './job-options.js';

/**
 * What the options ask for of a run on this machine, `--walltime` as `--time`; `more` are options beside those that all such runs understand.
 * Throws `bad-resource`, or `needs-time` where one counts back from a limit that there is not.
 */
export function hereResources(parsed: ParsedArgs, more: readonly string[] = []): Resources {
  refuseTogether(parsed, 'walltime', 'time');
  const given = [...hereOptions, ...more].flatMap((name) => {
    const value = parsed.text(name);
    return value === undefined ? [] : [[name, value]];
  });
  const walltime = parsed.number('walltime');
  const resources = readResources([
    { ...Object.fromEntries(given), ...(walltime !== undefined && { time: walltime }) },
  ]);
  checkTimes(resources, true);
  return resources;
}

/** How many runs go at once here; where each has CPUs of its own, no more than there are CPUs for. Throws `cpus-missing`. */
export function parallelOf(asked: number | undefined, cpus: number | undefined): number {
  const available = availableParallelism();
  if (cpus === undefined) return asked ?? available;
  const most = Math.floor(available / cpus);
  if (most < (asked ?? 1)) fail({ reason: 'cpus-missing', each: cpus, parallel: asked ?? 1, available });
  return asked ?? most;
}
