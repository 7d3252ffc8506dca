import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { currentUmask } from '../../core/umask.js';
import type { JobDependencies, JobRequest } from '../../engines/index.js';
import { renderJobBody, renderTaskScript } from '../../script/index.js';
import { arrayPaths } from '../../store/index.js';
import type { LaunchContext } from '../make/launch-context.js';
import { commonPart, supervisorWords } from '../make/run-files.js';
import { writeBeside } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import type { EngineTarget } from '../target.js';
import { elementOf, positionInArray, stepOf } from './array-ids.js';
import { nameable } from './job-request.js';

/** An array of a launch: its number, the token of its submission, and the runs of each task. */
export interface TaskArray<Run extends { readonly id: number }> {
  readonly number: number;
  readonly token: string;
  readonly tasks: readonly (readonly Run[])[];
}

/**
 * Returns the request for the job of an array, or of one pack of runs. What the engine itself prints goes to
 * one file of the launch.
 */
export function arrayRequest(
  { launch, store, plan }: LaunchContext,
  { engine, resources, options, maxRunning, submit, cluster }: EngineTarget,
  { number, token, tasks }: TaskArray<{ readonly id: number }>,
  after: JobDependencies | undefined,
): JobRequest {
  const paths = arrayPaths(store, launch, number);
  const ids = tasks.flat().map(({ id }) => id);
  const span = `${ids[0]}-${ids.at(-1)}`;
  const log = nameable(engine, paths.log);
  return {
    name: engine.nameOf(resources.name ?? `${basename(store)}/${span}`),
    stdout: log,
    stderr: log,
    script: paths.script,
    directory: plan.cwd,
    umask: currentUmask(),
    shell: plan.settings.scheduler.shell_path,
    token,
    resources,
    options,
    array: tasks.length > 1 ? { count: tasks.length, maxRunning } : undefined,
    after,
    submit: submit?.words,
    cluster,
  };
}

/** Writes the script of an array and the map from its tasks to its runs. */
export function writeArrayFiles(
  context: LaunchContext,
  target: EngineTarget,
  { number, tasks }: TaskArray<{ readonly id: number }>,
  request: JobRequest,
): void {
  const { launch, store, runtime, plan } = context;
  const { engine } = target;
  const { job } = plan;
  const paths = arrayPaths(store, launch, number);
  mkdirSync(dirname(paths.script), { recursive: true });
  writeFileSync(paths.map, tasks.map((runs) => `${runs.map(({ id }) => id).join(' ')}\n`).join(''));
  const text = renderTaskScript({
    shell: plan.settings.scheduler.shell_path,
    directives: engine.directives(request),
    supervisor: supervisorIn(runtime),
    map: paths.map,
    index: request.array ? positionInArray(engine, stepOf(target)) : '1',
    element: request.array ? elementOf(target) : undefined,
    jobId: request.array ? engine.task.jobId : `"$${engine.idVariable}"`,
    supervisorWords: supervisorWords(target, { ...request, stdout: '', stderr: '' }),
    tasks: job && { ...commonPart(context), body: renderJobBody(job), script: paths.script },
  });
  writeFileAtomic(paths.script, text, { mode: context.modes.script });
  if (job) writeBeside(job, text, context.modes.script);
}
