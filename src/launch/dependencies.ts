import { type BatchEngine, isOwnEngine, isReused, type JobDependencies, splitJobId } from '../engines/index.js';
import { fail } from '../failures/index.js';
import {
  type CompleteRun,
  currentJobId,
  type Dependencies,
  dependencyIds,
  readArray,
  readArrayMap,
  readiness,
  readRun,
} from '../store/index.js';
import { EngineAsker } from '../tracking/index.js';

/** What has become of the runs that a launch waits for. */
export type Settled =
  /** These are still to be waited for. */
  | { readonly kind: 'open'; readonly after: Dependencies; readonly runs: readonly CompleteRun[] }
  /** A dependency can't be met any more. */
  | { readonly kind: 'unmet'; readonly reason: string };

/** Checks how far the runs have come; asks their engines. Throws `incomplete-run` or `broken-record`. */
export async function settleDependencies(store: string, after: Dependencies): Promise<Settled> {
  const found = dependencyIds(after).flatMap((id) => {
    const run = readRun(store, id);
    if (run?.kind === 'incomplete') fail({ reason: 'incomplete-run', id, path: run.directory });
    if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
    return run?.kind === 'run' ? [run] : [];
  });
  const runs = new Map((await new EngineAsker(store).ask(found)).map((run) => [run.id, run]));
  const ready = readiness(after, (id) => runs.get(id)?.status.status ?? 'deleted');
  if (ready.kind === 'unmet') return ready;
  const on = new Set(ready.kind === 'waiting' ? ready.on : []);
  const open = (ids: readonly number[]) => ids.filter((id) => on.has(id));
  return {
    kind: 'open',
    after: { ok: open(after.ok), any: open(after.any), fail: open(after.fail) },
    runs: [...runs.values()].filter(({ id }) => on.has(id)),
  };
}

/** Where jobs that wait for others go. */
interface AwaitingTarget {
  readonly engine: BatchEngine;
  readonly engineName: string;
  readonly cluster?: string | undefined;
}

/**
 * Returns the jobs that the engine will wait for; undefined if there are none. Throws `dependency-unusable`
 * for a run that is not a job of this engine, and `dependencies-unsupported` if the engine can't make jobs
 * wait.
 */
export function jobsToAwait(
  store: string,
  { after, runs }: Extract<Settled, { kind: 'open' }>,
  { engine, engineName, cluster }: AwaitingTarget,
): JobDependencies | undefined {
  if (runs.length === 0) return undefined;
  if (!engine.dependency) fail({ reason: 'dependencies-unsupported', engine: engine.title });
  for (const { id, job, jobId, status, engine: answer } of runs) {
    const its = jobId === undefined ? undefined : splitJobId(jobId).cluster;
    const unusable = (why: 'elsewhere' | 'unsubmitted' | 'lost') =>
      fail({
        reason: 'dependency-unusable',
        id,
        why,
        its: !job || isOwnEngine(job.engine) ? undefined : { engine: job.engine, cluster: its },
        engine: engine.title,
        cluster,
      });
    if (status.status === 'LOST' || (answer && isReused(answer))) unusable('lost');
    if (job?.engine !== engineName) unusable('elsewhere');
    if (jobId === undefined) unusable('unsubmitted');
    if (its !== cluster) unusable('elsewhere');
  }
  const byId = new Map(runs.map((run) => [run.id, run]));
  const idsOf = (ids: readonly number[]) =>
    jobIds(
      store,
      ids.flatMap((id) => byId.get(id) ?? []),
    );
  return { ok: idsOf(after.ok), any: idsOf(after.any), fail: idsOf(after.fail) };
}

/** Returns the ids of the runs' jobs. If all tasks of an array are among them, it is the array's id. */
function jobIds(store: string, runs: readonly CompleteRun[]): string[] {
  const ids = new Set(runs.map(({ id }) => id));
  const found = runs.flatMap((run) => {
    const { task, launch = '' } = run.job ?? {};
    if (!task) return currentJobId(run) ?? [];
    const tasks = readArrayMap(store, launch, task.array);
    const array = readArray(store, launch, task.array);
    const isWhole = array?.taskPattern !== undefined && tasks.flat().every((id) => ids.has(id));
    return (isWhole ? array.jobId : undefined) ?? currentJobId(run) ?? [];
  });
  return [...new Set(found.map((jobId) => splitJobId(jobId).id))];
}

/** Returns the same dependencies and one more: the end of the previous run, however it ends. */
export function behind(after: Dependencies, previous: number | undefined): Dependencies {
  return previous === undefined ? after : { ...after, any: [...after.any, previous] };
}
