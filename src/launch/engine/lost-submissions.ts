import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ifPresent } from '../../core/errno.js';
import { adopt, findJobs, idInCluster } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  arrayPaths,
  type CompleteRun,
  countArrays,
  hasStarted,
  readArray,
  readArrayMap,
  runPaths,
} from '../../store/index.js';
import type { LaunchEvent, LaunchedRun } from '../events.js';
import { launchedRun } from '../make/run-maker.js';
import type { RunSpec } from '../plan/plan.js';
import { arrayIdFrom } from './array-ids.js';
import type { TaskArray } from './array-request.js';
import type { KnownRun } from './known-runs.js';
import type { Submitter } from './work.js';

/** A submission whose answer was lost. */
interface LostSubmission {
  readonly token: string;
  readonly runs: readonly LaunchedRun[];
  /** The job's id, if one of its runs has started and recorded it. */
  readonly told: string | undefined;
  /** When it was about to be submitted; milliseconds since 1970. */
  readonly begun: number;
  /** The array that was submitted; undefined for a run with a job of its own. */
  readonly array: TaskArray<LaunchedRun> | undefined;
}

/** Seconds after which a submission that was under way has arrived or never will. */
const settled = 20;

/**
 * Adopts jobs that the engine has though no record names them. Throws `engine-trouble` if the engine does not
 * say which jobs it has.
 */
export async function* adoptLost(
  submitter: Submitter,
  look: () => Promise<ReadonlyMap<number, KnownRun>>,
  specs: ReadonlyMap<number, RunSpec>,
): AsyncGenerator<LaunchEvent> {
  const { target } = submitter;
  const { engine, cluster } = target;
  let lost = lostSubmissions(submitter, await look(), specs);
  let found = await findLost(submitter, lost);
  const isYoung = ({ told, token, begun }: LostSubmission) =>
    told === undefined && !found.has(token) && Date.now() - begun < settled * 1000;
  if (lost.some(isYoung)) {
    const words = 'a submission that was interrupted just now may still come in';
    yield { type: 'waiting', engine: engine.title, words, seconds: settled };
    await sleep(settled * 1000, undefined, { signal: submitter.signal }).catch(() => undefined);
    if (submitter.signal.aborted) return;
    lost = lostSubmissions(submitter, await look(), specs);
    found = await findLost(submitter, lost);
  }
  for (const { token, runs, told, array } of lost) {
    const jobId = told === undefined ? found.get(token) : idInCluster(told, cluster);
    if (jobId === undefined) continue;
    const request = array && submitter.requestFor(array);
    const adopted = adopt(engine, jobId, { array: request?.array });
    if (array && request) {
      const taskIds = adopted.kind === 'accepted' ? adopted.taskIds : undefined;
      submitter.recordArray(array.number, request, { jobId, taskIds, at: undefined });
    } else for (const run of runs) submitter.recordRun(run, { jobId, at: undefined });
    yield* submitter.adopted(runs, jobId);
  }
}

async function findLost(
  { target: { engine, cluster }, maker }: Submitter,
  lost: readonly LostSubmission[],
): Promise<ReadonlyMap<string, string>> {
  const tokens = lost.filter(({ told }) => told === undefined).map(({ token }) => token);
  if (tokens.length === 0) return new Map();
  const found = await findJobs({ engine, cluster }, tokens);
  const again = `mlx resume @${maker.context.launch}`;
  return found ?? fail({ reason: 'engine-trouble', engine: engine.title, words: undefined, again });
}

function lostSubmissions(
  { maker, target }: Submitter,
  known: ReadonlyMap<number, KnownRun>,
  specs: ReadonlyMap<number, RunSpec>,
): LostSubmission[] {
  const { store, launch } = maker.context;
  const byId = new Map<number, { run: CompleteRun; spec: RunSpec }>();
  for (const [point, { id, run }] of known) {
    const spec = specs.get(point);
    if (run?.kind === 'run' && run.job?.launch === launch && spec) byId.set(id, { run, spec });
  }
  const asLaunched = ({ run, spec }: { run: CompleteRun; spec: RunSpec }) =>
    launchedRun(store, run.id, run.job?.token ?? '', spec);
  const startedAs = (run: CompleteRun) =>
    run.job && hasStarted(run.job, run.attempt) ? run.attempt?.claim?.jobId : undefined;
  const singles = [...byId.values()]
    .filter(({ run }) => run.job && !run.job.task && run.jobId === undefined && !run.job.verdict)
    .map((one): LostSubmission => {
      const token = one.run.job?.token ?? '';
      const begun = ifPresent(() => statSync(runPaths.job(one.run.directory)))?.mtimeMs ?? 0;
      return { token, runs: [asLaunched(one)], told: startedAs(one.run), begun, array: undefined };
    });
  const arrays = Array.from({ length: countArrays(store, launch) }, (_, number) => number).flatMap(
    (number): LostSubmission[] => {
      const record = readArray(store, launch, number);
      if (!record || record.jobId !== undefined) return [];
      // A run that was submitted since, or that is known not to have been, has another token or a verdict.
      const isOpen = ({ run: { job } }: { readonly run: CompleteRun }) =>
        job?.token === record.token && job.task?.array === number && !job.verdict;
      const known = (id: number) => [byId.get(id)].filter((one) => one !== undefined).filter(isOpen);
      const tasks = readArrayMap(store, launch, number).map((ids) => ids.flatMap(known));
      if (tasks.flat().length === 0) return [];
      const told = tasks.flatMap((task, i) => task.flatMap(({ run }) => arrayIdFrom(target, startedAs(run), i)))[0];
      const begun = ifPresent(() => statSync(arrayPaths(store, launch, number).record))?.mtimeMs ?? 0;
      const launched = tasks.map((task) => task.map(asLaunched));
      const { token } = record;
      return [{ token, runs: launched.flat(), told, begun, array: { number, token, tasks: launched } }];
    },
  );
  return [...singles, ...arrays];
}
