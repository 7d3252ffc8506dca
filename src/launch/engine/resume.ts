import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ifPresent } from '../../core/errno.js';
import { adopt, askEngines, type BatchEngine, findJobs, readLimits } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  arrayPaths,
  type CompleteRun,
  countArrays,
  hasStarted,
  isFinalStatus,
  type Run,
  readArray,
  readArrayMap,
  readRun,
  runPaths,
  withAnswer,
} from '../../store/index.js';
import { runsOf, takeOver } from '../here/resume.js';
import type { Launch, LaunchEvent, LaunchedRun } from '../here/work.js';
import { launchedRun, makerOf, type RunMaker } from '../make/run-maker.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { goesOn } from '../restarts.js';
import { changesOf, submitAgain } from '../resubmit.js';
import type { JobPlan } from './job-plan.js';
import { type Part, Submitter, stoppable, waitsOf } from './start.js';

/**
 * What is left of a launch of jobs, by point: its directory is to be made, or made whole; its job is to be submitted, or may have been
 * and is to be looked for; it was stopped or lost and is to be submitted again; it is under way in the engine; or it is done.
 */
export type RemainingJob = 'create' | 'complete' | 'submit' | 'again' | 'under-way' | 'done';

export interface JobSurvey {
  readonly launch: string;
  readonly store: string;
  readonly counts: Readonly<Record<RemainingJob, number>>;
  /** How many of those that are done are not COMPLETE. */
  readonly bad: number;
}

/** Looks at what a launch of jobs has left to do, asking its engine, and writing nothing but what that says has ended. */
export async function surveyJobs(
  store: string,
  launch: string,
  recorded: RecordedLaunch & { readonly jobs: JobPlan },
): Promise<JobSurvey> {
  const runs = await knownRuns(store, launch, recorded);
  const counts = { create: recorded.plan.count - runs.size, complete: 0, submit: 0, again: 0, 'under-way': 0, done: 0 };
  let bad = 0;
  for (const { run } of runs.values()) {
    const remaining = remainingOf(run, launch, recorded.jobs);
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, store, counts, bad };
}

interface KnownRun {
  readonly id: number;
  readonly run: Run | undefined;
}

/** The runs that a launch has made, by point, as their engine says they are now. */
async function knownRuns(store: string, launch: string, recorded: RecordedLaunch): Promise<Map<number, KnownRun>> {
  const known = [...runsOf(store, launch, recorded)].map(([point, id]) => ({ point, id, run: readRun(store, id) }));
  const complete = known.flatMap(({ run }) => (run?.kind === 'run' ? [run] : []));
  const { answers, troubles } = await askEngines(store, complete);
  const [trouble] = troubles;
  // What it does not say may run, and must not be submitted again.
  if (trouble) fail({ reason: 'engine-trouble', engine: recorded.jobs?.engine.title ?? '', words: trouble.words });
  return new Map(
    known.map(({ point, id, run }) => [
      point,
      { id, run: run?.kind === 'run' ? withAnswer(run, answers.get(id)) : run },
    ]),
  );
}

function remainingOf(run: Run | undefined, launch: string, { resources }: Pick<JobPlan, 'resources'>): RemainingJob {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  if (!run.job || run.job.launch !== launch) return 'done';
  const { status } = run.status;
  if (run.jobId === undefined) {
    // What was refused has failed without having started, and may be taken now.
    if (!hasStarted(run.job, run.attempt)) return 'submit';
    if (status === 'LOST') return 'again';
    return isFinalStatus(status) ? 'done' : 'under-way';
  }
  if (status === 'STOPPED' || status === 'LOST' || status === 'PREEMPTED') return 'again';
  if (goesOn(run, { ...resources, ...changesOf(run.job.changed) })) return 'again';
  return isFinalStatus(status) ? 'done' : 'under-way';
}

/**
 * Finishes a launch of jobs: takes up jobs that came in though nobody recorded it, and submits what is missing, each exactly
 * once. Throws `launch-alive` where another process takes the launch over, `engine-trouble` where the engine does not tell.
 */
export function resumeJobs(
  store: string,
  launch: string,
  recorded: RecordedLaunch & { readonly jobs: JobPlan },
  force: boolean,
): Launch {
  const { plan, jobs } = recorded;
  return stoppable(async function* (signal) {
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const waits = await waitsOf(store, jobs);
      const submitter = new Submitter(maker, jobs, await readLimits(jobs.engine), signal, waits);
      const specs = new Map([...planRuns(plan)].map((spec) => [spec.point.index, spec]));
      // Only now is it certain that nobody else makes runs of this launch.
      const look = () => knownRuns(store, launch, recorded);
      yield* takeUp(submitter, look, specs);
      const parts = remainingParts(maker, await look(), specs, jobs);
      yield* submitter.submit(parts, parts.length);
      done = submitter.allSubmitted;
    } finally {
      maker.close(done);
    }
  });
}

/** A submission whose answer was lost: its token, its runs, and what to record. */
interface Lost {
  readonly token: string;
  readonly runs: readonly LaunchedRun[];
  /** The job's id as one of its runs was told it. */
  readonly told: string | undefined;
  /** When it was about to be submitted; milliseconds since 1970. */
  readonly begun: number;
  readonly array: { readonly number: number; readonly tasks: readonly (readonly LaunchedRun[])[] } | undefined;
}

/** Seconds after which a submission that was under way has come in or never does. */
const settled = 20;

/** Takes up jobs that the engine has though no record tells it; arrays that it does not have are submitted as they are. */
async function* takeUp(
  submitter: Submitter,
  look: () => Promise<ReadonlyMap<number, KnownRun>>,
  specs: ReadonlyMap<number, RunSpec>,
): AsyncGenerator<LaunchEvent> {
  const { engine } = submitter.jobs;
  let lost = lostSubmissions(submitter, await look(), specs);
  let found = await findLost(engine, lost);
  const isYoung = ({ told, token, begun }: Lost) =>
    told === undefined && !found.has(token) && Date.now() - begun < settled * 1000;
  if (lost.some(isYoung)) {
    const words = 'a submission that was interrupted just now may still come in';
    yield { type: 'waiting', engine: engine.title, words, seconds: settled };
    await sleep(settled * 1000, undefined, { signal: submitter.signal }).catch(() => undefined);
    if (submitter.signal.aborted) return;
    lost = lostSubmissions(submitter, await look(), specs);
    found = await findLost(engine, lost);
  }
  for (const { token, runs, told, array } of lost) {
    const jobId = told ?? found.get(token);
    const request = array && submitter.taskRequest(array.number, token, array.tasks);
    if (jobId === undefined) {
      if (array && request) yield* submitter.sendArray(array.number, runs, request, runs.length);
      continue;
    }
    const adopted = adopt(engine, jobId, { array: request?.array });
    if (array && request) {
      const taskIds = adopted.kind === 'accepted' ? adopted.taskIds : undefined;
      submitter.recordArray(array.number, request, jobId, taskIds);
    } else for (const run of runs) submitter.recordRun(run, jobId);
    yield* submitter.adopted(runs, jobId);
  }
}

async function findLost(engine: BatchEngine, lost: readonly Lost[]): Promise<ReadonlyMap<string, string>> {
  const tokens = lost.filter(({ told }) => told === undefined).map(({ token }) => token);
  if (tokens.length === 0) return new Map();
  const found = await findJobs(engine, tokens);
  return found ?? fail({ reason: 'engine-trouble', engine: engine.title, words: undefined });
}

function lostSubmissions(
  { maker, jobs }: Submitter,
  known: ReadonlyMap<number, KnownRun>,
  specs: ReadonlyMap<number, RunSpec>,
): Lost[] {
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
    .map((one): Lost => {
      const token = one.run.job?.token ?? '';
      const begun = ifPresent(() => statSync(runPaths.job(one.run.directory)))?.mtimeMs ?? 0;
      return { token, runs: [asLaunched(one)], told: startedAs(one.run), begun, array: undefined };
    });
  const arrays = Array.from({ length: countArrays(store, launch) }, (_, number) => number).flatMap((number): Lost[] => {
    const record = readArray(store, launch, number);
    if (!record || record.jobId !== undefined) return [];
    const tasks = readArrayMap(store, launch, number).map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
    const told = tasks.flatMap((task, i) => task.flatMap(({ run }) => arrayIdFrom(jobs, startedAs(run), i)))[0];
    const begun = ifPresent(() => statSync(arrayPaths(store, launch, number).record))?.mtimeMs ?? 0;
    const launched = tasks.map((task) => task.map(asLaunched));
    return [{ token: record.token, runs: launched.flat(), told, begun, array: { number, tasks: launched } }];
  });
  return [...singles, ...arrays];
}

/** The array's id by that of its task with this place. */
function arrayIdFrom({ engine, submit }: JobPlan, taskId: string | undefined, place: number): string[] {
  if (taskId === undefined) return [];
  const pattern = engine.taskPattern('\0');
  if (pattern === undefined) return [String(Number(taskId) - place)];
  const [before = '', after = ''] = pattern.replace('{task}', String(place * (submit?.step ?? 1) + 1)).split('\0');
  return taskId.startsWith(before) && taskId.endsWith(after)
    ? [taskId.slice(before.length, taskId.length - after.length)]
    : [];
}

/** The runs that are to be submitted, in order. */
function remainingParts(
  maker: RunMaker,
  known: ReadonlyMap<number, KnownRun>,
  specs: ReadonlyMap<number, RunSpec>,
  jobs: JobPlan,
): Part[] {
  const { launch, store } = maker.context;
  return [...specs].flatMap(([point, spec]): Part[] => {
    const one = known.get(point);
    if (!one) return [{ point, prepare: (part) => maker.make(spec, part).run }];
    const remaining = remainingOf(one.run, launch, jobs);
    if (remaining === 'complete') return [{ point, prepare: (part) => maker.complete(one.id, spec, part).run }];
    if ((remaining !== 'submit' && remaining !== 'again') || one.run?.kind !== 'run') return [];
    const restarts = goesOn(one.run, { ...jobs.resources, ...changesOf(one.run.job?.changed) });
    return [submitAgain(store, one.run, spec, undefined, restarts)];
  });
}
