import { basename } from 'node:path';
import type { BatchEngine, JobRequest } from '../../engines/index.js';
import { runPaths } from '../../store/index.js';
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

/** Returns the request for the job of one run. */
export function runRequest(
  jobs: EngineTarget,
  run: { readonly directory: string; readonly id: number; readonly token: string },
  shell: string,
  store: string,
): JobRequest {
  const { engine, resources, options } = jobs;
  const { directory, id, token } = run;
  const name = resources.name === undefined ? `${basename(store)}/${id}` : `${resources.name}-${id}`;
  return {
    name: engine.nameOf(name),
    stdout: nameable(engine, runPaths.stdout(directory)),
    stderr: nameable(engine, runPaths.stderr(directory)),
    script: runPaths.script(directory),
    shell,
    token,
    resources,
    options,
    array: undefined,
    submit: jobs.submit?.single,
  };
}

/**
 * Returns the path, or undefined if the engine can't write to it; the supervisor then writes there instead.
 */
export function nameable(engine: BatchEngine, path: string): string | undefined {
  return engine.canWriteTo(path) ? path : undefined;
}
