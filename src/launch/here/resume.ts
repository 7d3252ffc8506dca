import { isAlive, thisProcess } from '../../core/process.js';
import { fail } from '../../failures/index.js';
import {
  type CompleteRun,
  correctInfo,
  hasStarted,
  isFinalStatus,
  lastAttemptNumber,
  newId,
  noteOutcome,
  type Run,
  readRun,
  storePaths,
  writeJob,
} from '../../store/index.js';
import type { Launch } from '../events.js';
import { makerOf } from '../make/begin.js';
import { changesOf } from '../make/next-submission.js';
import { launchedRun, type RunMaker } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import { readWholeJob, runsOf, takeOver } from '../make/take-over.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { continuing, goesOn } from '../restarts.js';
import { isStoppedOnPurpose, missingCounts, type ResumeScope } from '../resume-scope.js';
import type { HereTarget } from '../target.js';
import { carryOut } from '../worker.js';
import { changedHere } from './options.js';
import { type HereTask, LaunchTasks } from './work.js';

/**
 * What is left to do for a point of a launch: make its directory (`create`), complete the directory, start
 * its next attempt, follow the attempt that is under way on this host; or nothing, because it may be under
 * way on another host (`elsewhere`), was stopped on purpose (`stopped`) or is done.
 */
type Remaining = 'create' | 'complete' | 'start' | 'follow' | 'elsewhere' | 'stopped' | 'done';

/** How many points of a launch have what left to do. */
export interface Survey {
  readonly launch: string;
  readonly store: string;
  readonly counts: Readonly<Record<Remaining, number>>;
  /** How many of the runs that are done are not COMPLETE. */
  readonly bad: number;
}

/** How a launch is resumed. */
export interface ResumeOptions {
  /** How many runs at once; undefined to keep the launch's number. */
  readonly parallel: number | undefined;
  /** Takes runs on hosts that can't be seen from here for gone. */
  readonly force: boolean;
  readonly scope: ResumeScope;
}

/** The launch of a record, and which of its runs start again. */
interface Surveyed {
  readonly launch: string;
  readonly target: HereTarget;
  readonly force: boolean;
  readonly scope: ResumeScope;
}

/**
 * Counts what a launch has left to do on this machine; writes nothing. Throws `broken-record` for a run that
 * can't be read.
 */
export function surveyHere(
  store: string,
  launch: string,
  recorded: RecordedLaunch<HereTarget>,
  { force, scope }: Omit<ResumeOptions, 'parallel'>,
): Survey {
  const known = runsOf(store, launch, recorded);
  const { create, stopped } = missingCounts(recorded.plan.count - known.size, { store, launch, scope });
  const counts = { create, complete: 0, start: 0, follow: 0, elsewhere: 0, stopped, done: 0 };
  let bad = 0;
  for (const id of known.values()) {
    const run = readRun(store, id);
    const remaining = remainingOf(run, { launch, target: recorded.target, force, scope });
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, store, counts, bad };
}

function remainingOf(run: Run | undefined, { launch, target, force, scope }: Surveyed): Remaining {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  // A later launch has continued in this directory (`forced_log_id`), and answers for it.
  if (run.job && run.job.launch !== launch) return 'done';
  if (isStoppedOnPurpose(run)) return scope.stopped ? 'start' : 'stopped';
  if (run.status.status === 'STOPPED' || run.status.status === 'LOST') return 'start';
  if (goesOn(run, continuing(limitsNow(run, target).continues)) || wasUnstarted(run)) return 'start';
  if (isFinalStatus(run.status.status)) return 'done';
  if (!run.job || !hasStarted(run.job, run.attempt)) return 'start';
  if (isAlive(run.attempt?.claim?.process)) return 'follow';
  return force ? 'start' : 'elsewhere';
}

/** Returns what applies to a run now: the limits of its launch, and those that it was given since. */
function limitsNow({ job }: CompleteRun, target: HereTarget): HereTarget {
  return job?.changed === undefined ? target : changedHere(target, changesOf(job.changed));
}

/** A run that never ran, since its supervisor could not start. mlx recorded that as FAILED until 0.1. */
const wasUnstarted = ({ job, attempt, status }: CompleteRun): boolean =>
  job !== undefined &&
  !hasStarted(job, attempt) &&
  status.status === 'FAILED' &&
  (status.reason?.startsWith('its supervisor did not start') ?? false);

/**
 * Finishes a launch that was interrupted anywhere: makes the missing runs, starts those that never started,
 * were stopped or were lost, and follows those that are still under way. Runs that ended, well or badly, stay
 * as they are. Throws `launch-alive` if another process takes the launch over at the same time.
 */
export function resumeHere(survey: Survey, recorded: RecordedLaunch<HereTarget>, options: ResumeOptions): Launch {
  const { store, launch } = survey;
  const target = { ...recorded.target, parallel: options.parallel ?? recorded.target.parallel };
  return carryOut(() => {
    const record = takeOver(store, launch, options.force);
    const maker = makerOf(store, launch, recorded, record);
    // Only now is it certain that no other process makes runs of this launch.
    const known = runsOf(store, launch, recorded);
    const surveyed = { launch, target, force: options.force, scope: options.scope };
    const finish = (done: boolean) => maker.close(done && survey.counts.elsewhere === 0);
    const source = new LaunchTasks(remainingTasks(maker, known, surveyed), target, finish);
    const { grace, walltime } = target;
    return { launch, store, supervisor: supervisorIn(maker.context.runtime), grace, walltime, source };
  });
}

function* remainingTasks(maker: RunMaker, known: ReadonlyMap<number, number>, surveyed: Surveyed): Generator<HereTask> {
  const { store, plan } = maker.context;
  for (const spec of planRuns(plan)) {
    const id = known.get(spec.point.index);
    if (id === undefined) {
      if (surveyed.scope.missing) yield { kind: 'start', ...maker.make(spec) };
      continue;
    }
    const run = readRun(store, id);
    const remaining = remainingOf(run, surveyed);
    const directory = storePaths.run(store, id);
    if (remaining === 'complete') {
      const token = readWholeJob(directory)?.token ?? newId();
      yield { kind: 'start', ...maker.complete(id, spec, { token }) };
      continue;
    }
    if (run?.kind !== 'run' || !run.job) continue;
    if (remaining === 'follow') yield { kind: 'follow', run: launchedRun(store, id, run.job.token, spec) };
    else if (remaining === 'start') yield startAgain(store, run, spec, surveyed.target);
    else if (remaining === 'done') {
      correctInfo(directory, run.status, run.attempt);
      noteOutcome(run, false);
    }
  }
}

/** Prepares the next attempt of a run: its old verdict no longer counts, and this process will start it. */
function startAgain(store: string, run: CompleteRun, spec: RunSpec, target: HereTarget): HereTask {
  const { directory, id, job } = run;
  // Starting again is a new submission; a submission that never started is still the same.
  const token = job && !hasStarted(job, run.attempt) ? job.token : newId();
  const attempt = lastAttemptNumber(directory) + 1;
  const limits = limitsNow(run, target);
  const restarts = goesOn(run, continuing(limits.continues));
  const despiteFailures = job?.despiteFailures ?? restarts !== undefined;
  const next = { token, firstAttempt: attempt, verdict: undefined, launcher: thisProcess(), despiteFailures };
  if (job) writeJob(directory, { ...job, ...next, ...restarts });
  return { kind: 'start', run: launchedRun(store, id, token, spec), attempt, limits };
}
