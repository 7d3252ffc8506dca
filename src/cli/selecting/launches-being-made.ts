import { namedLaunches } from '../../runs/index.js';
import { isBeingMade, listLaunches } from '../../store/index.js';
import type { NamedRuns } from './selection.js';

/**
 * Returns the launches that are named as a whole, or all if nothing is named, and that processes on this host
 * carry out: they may make more runs.
 */
export function launchesBeingMade({ positionals, options }: NamedRuns, store: string): string[] {
  const { launch, where, status, engineJob, name, local } = options;
  // What only some of a launch's runs have names no launch.
  if ([where, status, engineJob, name].some((one) => one !== undefined) || local) return [];
  const words = launch === undefined ? positionals : [`@${launch.replace(/^@/, '')}`];
  const named = words.length === 0 ? undefined : new Set(namedLaunches(words, store));
  if (named?.size === 0) return [];
  return listLaunches(store).flatMap(({ launch: id, done, hidden }) =>
    !done && !hidden && (named?.has(id) ?? true) && isBeingMade(store, id) ? id : [],
  );
}
