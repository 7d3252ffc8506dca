import kebabCase from 'lodash/kebabCase.js';
import type { Resources } from '../../../engines/index.js';
import { readResources } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import { changesOf, type RecordedLaunch, resourcesOfLimits } from '../../../launch/index.js';
import type { CompleteRun } from '../../../store/index.js';
import { type ChangeableOptions, changeableKeys } from '../../options/resources.js';

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
  const given = changeableKeys.filter((key) => options[key] !== undefined);
  const factors = (['mem', 'time'] as const).flatMap((name) => {
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

const understoodHere = ['time', 'cpus', 'gpus', 'mem', 'signal', 'signalTo', 'continueOnTimeout'];

/** Refuses resources that only an engine understands in a launch without one. Throws `needs-engine`. */
export function refuseEngineOnly({ target }: RecordedLaunch, asked: Partial<Resources>): void {
  const other = Object.keys(asked).find((name) => !understoodHere.includes(name));
  if (target.kind !== 'engine' && other !== undefined)
    fail({ reason: 'needs-engine', option: `--${kebabCase(other)}` });
}
