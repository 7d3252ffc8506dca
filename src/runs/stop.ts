import groupBy from 'lodash/groupBy.js';
import partition from 'lodash/partition.js';
import { isAlive } from '../core/process.js';
import { isOwnEngine, loadEngine, tellEngine } from '../engines/index.js';
import { signalSupervisor } from '../local/index.js';
import {
  type CompleteRun,
  closeInfo,
  currentJobId,
  hasStarted,
  isFinalStatus,
  lastAttemptNumber,
  readArrayMap,
  readRun,
  writeJob,
} from '../store/index.js';
import { EngineAsker, runsNow } from '../tracking/index.js';
import { hasLeftEngine, whyNotTold } from './job-at-hand.js';
import { keepingTurns } from './keep-turns.js';

/** The outcome of stopping, by run. */
interface Stopped {
  /** Were told to stop; they may take a while to end. */
  readonly stopped: readonly number[];
  /** Had ended already. */
  readonly ended: readonly number[];
  /** Could not be told to stop, and why. */
  readonly failed: readonly { readonly ids: readonly number[]; readonly why: string }[];
}

/**
 * Stops runs, wherever they are. Writes their verdicts, then gives each engine one command for all of its
 * jobs. A started run that shares its job with other runs can't be stopped without them. Runs on this machine
 * of launches that were `told` (`stopLaunches`) are stopped by those.
 */
export async function stopRuns(
  store: string,
  ids: readonly number[],
  reason: string,
  told: readonly string[] = [],
): Promise<Stopped> {
  const view = new EngineAsker(store);
  const runs = await runsNow(store, ids, view);
  const [ended, open] = partition(runs, ({ status }) => isFinalStatus(status.status));
  const failed: { ids: number[]; why: string }[] = [];
  const stopped: number[] = [];
  for (const [name, itsRuns] of Object.entries(groupBy(open, ({ job }) => job?.engine ?? 'here'))) {
    const outcome = isOwnEngine(name) ? stopHere(itsRuns, reason, told) : await stopJobs(name, itsRuns, reason, view);
    stopped.push(...outcome.stopped);
    failed.push(...outcome.failed);
  }
  return { stopped, ended: ended.map(({ id }) => id), failed };
}

interface Outcome {
  readonly stopped: number[];
  readonly failed: { ids: number[]; why: string }[];
}

/** Stops processes on this machine. Waiting runs of the local queue are marked, and will not start. */
function stopHere(runs: readonly CompleteRun[], reason: string, told: readonly string[]): Outcome {
  const stopped: number[] = [];
  const failed: { ids: number[]; why: string }[] = [];
  for (const run of runs) {
    const supervisor = run.job && hasStarted(run.job, run.attempt) ? run.attempt?.claim?.process : undefined;
    if (told.includes(run.job?.launch ?? '') && !run.job?.queued) stopped.push(run.id);
    else if (supervisor && isAlive(supervisor)) {
      writeVerdict(run, reason);
      signalSupervisor(supervisor.pid);
      stopped.push(run.id);
    } else if (waitsForRetry(run) || (run.job?.queued && !supervisor)) {
      writeVerdict(run, reason);
      closeInfo(run.directory, { status: 'STOPPED', reason }, new Date());
      stopped.push(run.id);
    } else {
      const host = supervisor?.host ?? run.job?.launcher?.host;
      failed.push({ ids: [run.id], why: supervisor ? `it runs on ${host}: log in there` : 'it has not started yet' });
    }
  }
  return { stopped, failed };
}

async function stopJobs(
  name: string,
  runs: readonly CompleteRun[],
  reason: string,
  view: EngineAsker,
): Promise<Outcome> {
  const engine = await loadEngine(name);
  const failed: Outcome['failed'] = [];
  const stopped: number[] = [];
  const [submitted, unsubmitted] = partition(runs, ({ jobId }) => jobId !== undefined);
  // With a verdict, a run that was not submitted yet is only submitted by `mlx resume`.
  for (const run of unsubmitted) {
    writeVerdict(run, reason);
    stopped.push(run.id);
  }
  const meant = submitted.filter((run) => {
    const why = whyNotTold(run, view, engine);
    if (why !== undefined) failed.push({ ids: [run.id], why });
    else if (hasLeftEngine(run)) {
      // There is nothing to cancel. If the job turns up all the same, the run is turned away.
      writeVerdict(run, reason);
      stopped.push(run.id);
    } else return true;
    return false;
  });
  const jobs = groupBy(meant, currentJobId);
  const cancelled: CompleteRun[] = [];
  const kept = keepingTurns(view.store, meant);
  for (const [jobId, itsRuns] of Object.entries(jobs)) {
    const others = otherRunsOfJob(view.store, itsRuns, jobId);
    const isKept = itsRuns.some(({ id }) => kept.has(id));
    if (others.length === 0 && !isKept) cancelled.push(...itsRuns);
    for (const run of others.length === 0 && !isKept ? [] : itsRuns) {
      // Not started yet: it is skipped when its turn comes.
      if (run.job && !hasStarted(run.job, run.attempt)) {
        writeVerdict(run, reason);
        stopped.push(run.id);
      } else failed.push({ ids: [run.id], why: `its job ${jobId} goes on with run ${others[0]}: stop that too` });
    }
  }
  if (cancelled.length === 0) return { stopped, failed };
  for (const run of cancelled) writeVerdict(run, reason);
  const words = await tellEngine(engine, 'cancel', [...new Set(cancelled.flatMap((run) => currentJobId(run) ?? []))]);
  if (words === undefined) stopped.push(...cancelled.map(({ id }) => id));
  else {
    for (const { directory, job } of cancelled) if (job) writeJob(directory, job);
    failed.push({ ids: cancelled.map(({ id }) => id), why: `${engine.title}: ${words}` });
  }
  return { stopped, failed };
}

/** The ids of unfinished runs of the same job that are not among these runs. */
export function otherRunsOfJob(store: string, runs: readonly CompleteRun[], jobId: string): number[] {
  const [first] = runs;
  const { task, launch = '' } = first?.job ?? {};
  const mates = task ? (readArrayMap(store, launch, task.array)[task.index - 1] ?? []) : [];
  const ids = new Set(runs.map(({ id }) => id));
  return mates.filter((id) => {
    if (ids.has(id)) return false;
    const run = readRun(store, id);
    return run?.kind === 'run' && currentJobId(run) === jobId && !isFinalStatus(run.status.status);
  });
}

/** Whether a run has failed and waits for its next attempt. */
const waitsForRetry = ({ attempt, status }: CompleteRun) =>
  attempt?.end?.retry !== undefined && (status.status === 'QUEUED' || status.status === 'HELD');

function writeVerdict(run: CompleteRun, reason: string): void {
  const { directory, job, attempt } = run;
  if (!job) return;
  const isNext = !hasStarted(job, attempt) || waitsForRetry(run);
  const number = isNext ? lastAttemptNumber(directory) + 1 : (attempt?.number ?? 0);
  writeJob(directory, { ...job, verdict: { status: 'STOPPED', attempt: number, reason } });
}
