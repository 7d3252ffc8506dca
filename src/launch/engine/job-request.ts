import { basename } from 'node:path';
import type { BatchEngine, JobRequest } from '../../engines/index.js';
import { runPaths } from '../../store/index.js';
import type { EngineTarget } from '../target.js';

/** Returns the request for the job of one run. */
export function runRequest(
  jobs: EngineTarget,
  run: { readonly directory: string; readonly id: number; readonly token: string },
  shell: string,
  store: string,
): JobRequest {
  const { engine, resources, options, cluster } = jobs;
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
    cluster,
  };
}

/**
 * Returns the path, or undefined if the engine can't write to it; the supervisor then writes there instead.
 */
export function nameable(engine: BatchEngine, path: string): string | undefined {
  return engine.canWriteTo(path) ? path : undefined;
}
