import { existsSync } from 'node:fs';
import { isAlive, thisProcess } from '../../core/process.js';
import { fail } from '../../failures/index.js';
import {
  type CompleteRun,
  correctInfo,
  hasStarted,
  isFinalStatus,
  type LaunchDirectory,
  type LaunchOwner,
  lastAttemptNumber,
  listRunIds,
  newId,
  type Run,
  readJob,
  readLaunchOwner,
  readLaunchPoints,
  readRun,
  runPaths,
  storePaths,
  takeOverLaunch,
  writeJob,
} from '../../store/index.js';
import { launchedRun, makerOf, type RunMaker } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { goesOn } from '../restarts.js';
import { carryOut, type Launch, type RunLimits, type Task } from './work.js';

/**
 * What is left of a launch, by point: its directory is to be made (`create`) or made whole (`complete`), its next attempt
 * to be started, its attempt that is under way on this host to be followed; it may be under way on another host
 * (`elsewhere`), or it is done.
 */
export type Remaining = 'create' | 'complete' | 'start' | 'follow' | 'elsewhere' | 'done';

export interface Survey {
  readonly launch: string;
  readonly store: string;
  readonly counts: Readonly<Record<Remaining, number>>;
  /** How many of those that are done are not COMPLETE. */
  readonly bad: number;
}

export interface ResumeOptions {
  /** How many runs at once; as at the launch, where not given. */
  readonly parallel: number | undefined;
  /** Takes what runs on a host that can't be seen from here for gone. */
  readonly force: boolean;
}

/**
 * Gives the last owner of a launch, which is no more. Throws `launch-alive` where it carries the launch out, or where it may, on
 * another host, unless forced.
 */
export function requireInterrupted(store: string, launch: string, force: boolean): LaunchOwner {
  const owner = readLaunchOwner(store, launch);
  const { process } = owner;
  const alive = isAlive(process);
  if (process && (alive || (alive === undefined && !force))) {
    fail({ reason: 'launch-alive', launch, host: process.host, pid: process.pid, seen: alive === true });
  }
  return owner;
}

/** Looks at what a launch has left to do, writing nothing. Throws `broken-record` for a run that can't be read. */
export function surveyLaunch(store: string, launch: string, recorded: RecordedLaunch, force: boolean): Survey {
  const known = runsOf(store, launch, recorded);
  const counts = { create: recorded.plan.count - known.size, complete: 0, start: 0, follow: 0, elsewhere: 0, done: 0 };
  let bad = 0;
  for (const id of known.values()) {
    const run = readRun(store, id);
    const remaining = remainingOf(run, launch, force, recorded.limits);
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, store, counts, bad };
}

/**
 * The runs of a launch by point: those that its record names, and one that was made just when the launcher was killed, which
 * only the run's own `job.yaml` tells.
 */
export function runsOf(store: string, launch: string, { firstId, plan }: RecordedLaunch): Map<number, number> {
  const points = readLaunchPoints(store, launch);
  const recorded = new Set(points.values());
  const forced = plan.settings.logger.forced_log_id;
  const first = forced >= 0 ? forced : firstId;
  for (const id of listRunIds(store) ?? []) {
    if (id < first || recorded.has(id)) continue;
    const job = readWholeJob(storePaths.run(store, id));
    if (job?.launch === launch && !points.has(job.point)) points.set(job.point, id);
  }
  // What was deleted is to be done again.
  for (const [point, id] of points) if (!existsSync(storePaths.run(store, id))) points.delete(point);
  return points;
}

/** A `job.yaml` that was cut short by a kill says nothing; in a run that is whole, it is told when the run is read. */
function readWholeJob(run: string): ReturnType<typeof readJob> {
  try {
    return readJob(run);
  } catch (error) {
    if (existsSync(runPaths.info(run))) throw error;
    return undefined;
  }
}

function remainingOf(
  run: Run | undefined,
  launch: string,
  force: boolean,
  { continues }: Pick<RunLimits, 'continues'>,
): Remaining {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  // A later launch has continued in this directory (`forced_log_id`), and answers for it.
  if (run.job && run.job.launch !== launch) return 'done';
  if (run.status.status === 'STOPPED' || run.status.status === 'LOST') return 'start';
  if (goesOn(run, { continueOnTimeout: continues, requeue: undefined })) return 'start';
  if (isFinalStatus(run.status.status)) return 'done';
  if (!run.job || !hasStarted(run.job, run.attempt)) return 'start';
  if (isAlive(run.attempt?.claim?.process)) return 'follow';
  return force ? 'start' : 'elsewhere';
}

/**
 * Finishes a launch that was interrupted anywhere: makes the runs that are missing, starts those that never started, were
 * stopped or were lost, and follows those that are still under way. Runs that ended, well or badly, stay as they are.
 * Throws `launch-alive` where another process takes the launch over at the same time.
 */
export function resumeLaunch(survey: Survey, recorded: RecordedLaunch, options: ResumeOptions): Launch {
  const { store, launch } = survey;
  const limits = { ...recorded.limits, parallel: options.parallel ?? recorded.limits.parallel };
  return carryOut(() => {
    const record = takeOver(store, launch, options.force);
    const maker = makerOf(store, launch, recorded, record);
    return {
      launch,
      store,
      supervisor: supervisorIn(maker.context.runtime),
      // Only now is it certain that nobody else makes runs of this launch.
      tasks: remainingTasks(maker, runsOf(store, launch, recorded), options.force, limits),
      finish: (done) => maker.close(done && survey.counts.elsewhere === 0),
    };
  }, limits);
}

/** Takes the launch over from the very owner that was found to be no more; where another process was quicker, from that one. */
export function takeOver(store: string, launch: string, force: boolean): LaunchDirectory {
  const record = takeOverLaunch(store, launch, requireInterrupted(store, launch, force));
  return record ?? takeOver(store, launch, false);
}

function* remainingTasks(
  maker: RunMaker,
  known: ReadonlyMap<number, number>,
  force: boolean,
  limits: RunLimits,
): Generator<Task> {
  const { store, launch, plan } = maker.context;
  for (const spec of planRuns(plan)) {
    const id = known.get(spec.point.index);
    if (id === undefined) {
      yield { kind: 'start', ...maker.make(spec) };
      continue;
    }
    const run = readRun(store, id);
    const remaining = remainingOf(run, launch, force, limits);
    const directory = storePaths.run(store, id);
    if (remaining === 'complete') {
      const token = readWholeJob(directory)?.token ?? newId();
      yield { kind: 'start', ...maker.complete(id, spec, { token }) };
      continue;
    }
    if (run?.kind !== 'run' || !run.job) continue;
    if (remaining === 'follow') yield { kind: 'follow', run: launchedRun(store, id, run.job.token, spec) };
    else if (remaining === 'start') yield startAgain(store, run, spec, limits);
    else if (remaining === 'done') correctInfo(directory, run.status, run.attempt);
  }
}

/** Prepares the next attempt of a run: its old verdict no longer counts, and this process is the one to start it. */
function startAgain(store: string, run: CompleteRun, spec: RunSpec, { continues }: RunLimits): Task {
  const { directory, id, job } = run;
  // A start anew is a submission of its own; one that never came to its start is still the same.
  const token = job && !hasStarted(job, run.attempt) ? job.token : newId();
  const attempt = lastAttemptNumber(directory) + 1;
  const restarts = goesOn(run, { continueOnTimeout: continues, requeue: undefined });
  const anew = { token, firstAttempt: attempt, verdict: undefined, launcher: thisProcess(), ...restarts };
  if (job) writeJob(directory, { ...job, ...anew });
  return { kind: 'start', run: launchedRun(store, id, token, spec), attempt };
}
