import type { EngineTarget } from '../target.js';

/** The number of jobs from which `auto` makes an array of them. */
const arrayFrom = 33;

/** Returns how many jobs a launch of `runs` runs has, and whether they are tasks of arrays. */
export function jobShape(jobs: EngineTarget, runs: number): { readonly count: number; readonly arrays: boolean } {
  const count = Math.ceil(runs / jobs.pack);
  const arrays = count > 1 && !jobs.chain && (jobs.array === 'always' || (jobs.array === 'auto' && count >= arrayFrom));
  // An array can't be submitted piece by piece.
  return { count, arrays: arrays && jobs.maxQueued === undefined };
}
