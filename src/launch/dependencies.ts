import { askEngines, type BatchEngine, currentJobId, type JobDependencies } from '../engines/index.js';
import { fail } from '../failures/index.js';
import {
  type CompleteRun,
  type Dependencies,
  dependencyIds,
  readArray,
  readArrayMap,
  readiness,
  readRun,
  withAnswer,
} from '../store/index.js';

/** How the runs of a launch wait: for runs of before, and for one another. */
export interface Waiting {
  readonly after: Dependencies;
  /** Whether each run waits until the one before it has ended. */
  readonly chain: boolean;
}

/** What has become of the runs that a launch is to wait for. */
export type Settled =
  /** These are left to wait for. */
  | { readonly kind: 'open'; readonly after: Dependencies; readonly runs: readonly CompleteRun[] }
  /** What was waited for can't come about any more. */
  | { readonly kind: 'unmet'; readonly reason: string };

/** Looks how far the runs have come, asking their engines. Throws `incomplete-run` or `broken-record`. */
export async function settleDependencies(store: string, after: Dependencies): Promise<Settled> {
  const found = dependencyIds(after).flatMap((id) => {
    const run = readRun(store, id);
    if (run?.kind === 'incomplete') fail({ reason: 'incomplete-run', id, path: run.directory });
    if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
    return run?.kind === 'run' ? [run] : [];
  });
  const { answers } = await askEngines(store, found);
  const runs = new Map(found.map((run) => [run.id, withAnswer(run, answers.get(run.id))]));
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

/**
 * The jobs that an engine is to wait for; undefined where there are none. Throws `dependency-unusable` for a run that is no job of this
 * engine, and `dependencies-unsupported` where the engine can't make jobs wait.
 */
export function jobsToAwait(
  store: string,
  { after, runs }: Extract<Settled, { kind: 'open' }>,
  { engine, engineName }: { readonly engine: BatchEngine; readonly engineName: string },
): JobDependencies | undefined {
  if (runs.length === 0) return undefined;
  if (!engine.dependency) fail({ reason: 'dependencies-unsupported', engine: engine.title });
  for (const { id, job, jobId, status } of runs) {
    const unusable = (why: 'elsewhere' | 'unsubmitted' | 'lost') =>
      fail({ reason: 'dependency-unusable', id, why, where: job?.engine ?? 'here', engine: engine.title });
    if (status.status === 'LOST') unusable('lost');
    if (job?.engine !== engineName) unusable('elsewhere');
    if (jobId === undefined) unusable('unsubmitted');
  }
  const byId = new Map(runs.map((run) => [run.id, run]));
  const idsOf = (ids: readonly number[]) =>
    jobIds(
      store,
      ids.flatMap((id) => byId.get(id) ?? []),
    );
  return { ok: idsOf(after.ok), any: idsOf(after.any), fail: idsOf(after.fail) };
}

/** The ids of the runs' jobs; where all tasks of an array are among them, that of the array. */
function jobIds(store: string, runs: readonly CompleteRun[]): string[] {
  const ids = new Set(runs.map(({ id }) => id));
  const found = runs.map((run) => {
    const { task, launch = '' } = run.job ?? {};
    if (!task) return currentJobId(run);
    const tasks = readArrayMap(store, launch, task.array);
    const array = readArray(store, launch, task.array);
    const isWhole = array?.taskPattern !== undefined && tasks.flat().every((id) => ids.has(id));
    return (isWhole ? array.jobId : undefined) ?? currentJobId(run);
  });
  return [...new Set(found)];
}

/** The same, and behind one more run, however that ends. */
export function behind(after: Dependencies, previous: number | undefined): Dependencies {
  return previous === undefined ? after : { ...after, any: [...after.any, previous] };
}
