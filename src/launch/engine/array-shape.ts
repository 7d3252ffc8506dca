import type { EngineLimits } from '../../engines/index.js';
import type { EngineTarget } from '../target.js';

/** The number of jobs from which `auto` makes an array of them. */
const arrayFrom = 33;

/** Returns how many jobs a launch of `runs` runs has, and whether they are tasks of arrays. */
export function jobShape(jobs: EngineTarget, runs: number): { readonly count: number; readonly arrays: boolean } {
  const count = Math.ceil(runs / jobs.pack);
  // An array can't be submitted piece by piece.
  const possible = count > 1 && !jobs.chain && jobs.maxQueued === undefined;
  const limited = jobs.maxRunning !== undefined;
  const wanted = jobs.array === 'always' || (jobs.array === 'auto' && (limited || count >= arrayFrom));
  return { count, arrays: possible && wanted && (!limited || limitsArrays(jobs)) };
}

/** Returns whether the engine itself can limit how many tasks of an array of these jobs run at once. */
export const limitsArrays = ({ engine, resources }: EngineTarget) => engine.limitsArrays?.(resources) ?? false;

/** As many tasks as an array may have, spread evenly over as few arrays as that allows. */
export function tasksPerArray(jobs: EngineTarget, count: number, { arrayTasks = count }: EngineLimits): number {
  return jobs.submit ? count : Math.ceil(count / Math.ceil(count / arrayTasks));
}

/** How a launch keeps to `--max-running`. */
export interface KeptLimit {
  /**
   * Whether its jobs are an `array`, several `arrays`, one after the other, or `jobs`, each behind an earlier
   * one.
   */
  readonly by: 'array' | 'arrays' | 'jobs';
  /** True if the engine can't make jobs wait, so that mlx stays and has them fed in. */
  readonly fed: boolean;
}

/** Returns how `--max-running` is kept; undefined without such a limit, or if there are not more jobs. */
export function limitKept(jobs: EngineTarget, runs: number, limits: EngineLimits): KeptLimit | undefined {
  const { count, arrays } = jobShape(jobs, runs);
  if (jobs.maxRunning === undefined || count <= jobs.maxRunning) return undefined;
  const by = !arrays ? 'jobs' : count > tasksPerArray(jobs, count, limits) ? 'arrays' : 'array';
  return { by, fed: by !== 'array' && !jobs.engine.dependency };
}
