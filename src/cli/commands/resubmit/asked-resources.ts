import { fail } from '../../../failures/index.js';
import { changesOf, type RecordedLaunch, resourcesOfLimits } from '../../../launch/index.js';
import {
  isChangeable,
  isMultiplied,
  type Resources,
  readResources,
  resourceNames,
  resourceOption,
  resourcesBesides,
} from '../../../resources/index.js';
import type { CompleteRun } from '../../../store/index.js';
import type { ChangeableOptions } from '../../options/resources.js';

/** Returns the resources that a run asks for now. */
export function resourcesNow({ job }: CompleteRun, { target }: RecordedLaunch): Partial<Resources> {
  if (target.kind === 'queue') return { time: job?.queued?.limit, mem: job?.queued?.mem };
  const asked = target.kind === 'engine' ? target.resources : resourcesOfLimits(target);
  return { ...asked, ...changesOf(job?.changed) };
}

/**
 * Returns the resources to ask for, from those that a run asked for so far. `id` is undefined for a run that
 * only follows a named one: it may have asked for nothing.
 */
export type Asked = (before: Partial<Resources>, id: number | undefined) => Partial<Resources>;

const multiple = /^x(\d+(?:\.\d+)?)$/;

/**
 * Reads the resources to ask for. `--mem 16G` is an amount; `--mem x2` and `--time x1.5` are multiples of the
 * previous amount. Throws `bad-resource`; the returned function throws it, too.
 */
export function askedFor(options: ChangeableOptions): Asked {
  const given = resourceNames.filter(isChangeable).filter((name) => options[name] !== undefined);
  // Job records have them in the order of the alphabet.
  const factors = resourceNames
    .filter(isMultiplied)
    .sort()
    .flatMap((name) => {
      const [, factor] = multiple.exec(options[name] ?? '') ?? [];
      return factor === undefined ? [] : [[name, Number(factor)] as const];
    });
  const plain = given.filter((key) => !factors.some(([one]) => one === key));
  const resources = readResources([Object.fromEntries(plain.map((key) => [key, options[key]]))]);
  const fixed = Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
  return (before, id) => ({
    ...fixed,
    ...Object.fromEntries(
      factors.flatMap(([name, factor]) => {
        const was = before[name];
        if (was === undefined && id === undefined) return [];
        if (was === undefined || factor <= 0) {
          const value = `x${factor}`;
          return fail({ reason: 'bad-resource', resource: name, value, expected: { kind: 'amount-of-run', id } });
        }
        return [[name, Math.ceil(was * factor)] as const];
      }),
    ),
  });
}

/** Refuses resources that only an engine understands in a launch without one. Throws `needs-engine`. */
export function refuseEngineOnly({ target }: RecordedLaunch, asked: Partial<Resources>): void {
  const understood = resourcesBesides('queue');
  const other = resourceNames.find((name) => name in asked && !understood.includes(name));
  if (target.kind !== 'engine' && other !== undefined)
    fail({ reason: 'needs-engine', option: `--${resourceOption(other)}` });
}
