import { setTimeout as sleep } from 'node:timers/promises';
import { errnoCode, errnoPath } from '../../core/errno.js';
import { isAlive, thisProcess } from '../../core/process.js';
import { timesOf } from '../../engines/index.js';
import { fail, MlxError } from '../../failures/index.js';
import {
  allowedCpus,
  CpuPool,
  GpuPool,
  type PoolExit,
  ProcessPool,
  type TimeLimit,
  visibleGpus,
} from '../../local/index.js';
import {
  closeInfo,
  hasStarted,
  lastAttemptNumber,
  mendInfo,
  newId,
  type RunStatus,
  readJob,
  readLastAttempt,
  runStatus,
  writeJob,
} from '../../store/index.js';

/** A run of a launch, as events name it. */
export interface LaunchedRun {
  readonly id: number;
  readonly directory: string;
  readonly token: string;
  readonly point: number;
  /** The point in source spelling. */
  readonly overrides: readonly string[];
  /** What tells the run from the others of its launch: the swept overrides; all of them where none is swept. */
  readonly label: string;
}

export type LaunchEvent =
  | { readonly type: 'launched'; readonly launch: string; readonly store: string }
  /** The directory is complete; the process comes next, or is there already where an earlier launcher started it. */
  | { readonly type: 'starting'; readonly run: LaunchedRun }
  | {
      readonly type: 'ended';
      readonly run: LaunchedRun;
      readonly status: RunStatus;
      readonly exitCode: number | undefined;
      readonly seconds: number | undefined;
      /** Whether it was never to be started. */
      readonly unstarted?: true;
    }
  | { readonly type: 'stopping'; readonly reason: string }
  /** How many runs it is going to be, where that changes. */
  | { readonly type: 'counted'; readonly total: number }
  /** An attempt has ended that does not end the run: it goes on as its next attempt, for which it waits now. */
  | { readonly type: 'again'; readonly run: LaunchedRun; readonly attempt: number; readonly status: RunStatus }
  /** Another process was quicker to start the run. */
  | { readonly type: 'passed'; readonly run: LaunchedRun }
  /** The engine has accepted a job for these runs, just now or, where it was found there, before. */
  | {
      readonly type: 'submitted';
      readonly runs: readonly LaunchedRun[];
      readonly engine: string;
      readonly jobId: string;
      readonly found: boolean;
    }
  /** Something passing keeps the next job from being submitted. */
  | { readonly type: 'waiting'; readonly engine: string; readonly words: string; readonly seconds: number }
  /** The engine refuses the job of these runs for good. */
  | {
      readonly type: 'refused';
      readonly runs: readonly LaunchedRun[];
      readonly engine: string;
      readonly words: string;
    };

/** How runs are carried out on this machine. */
export interface RunLimits {
  /** How many runs at once. */
  readonly parallel: number;
  readonly walltime: TimeLimit | undefined;
  /** Whether the first run that ends badly stops the rest. */
  readonly failFast: boolean;
  /** Seconds between asking a run to end and killing it. */
  readonly grace: number;
  /** How many GPUs of this machine each run has for its own. */
  readonly gpusPerRun?: number | undefined;
  /** How many CPUs each run keeps to, and how much memory each may use in bytes. */
  readonly cpusPerRun?: number | undefined;
  readonly memPerRun?: number | undefined;
  readonly signalTo?: 'program' | undefined;
  /** Whether a run goes on as its next attempt after its time limit; a number says how often at most. */
  readonly continues?: boolean | number | undefined;
}

/** A launch under way: its events, and the way to end it early. */
export interface Launch {
  readonly events: AsyncGenerator<LaunchEvent>;
  /** Starts nothing more and asks what runs to end; called again, kills at once. `signal` is the one that it is stopped by. */
  stop(reason: string, signal?: string): void;
}

/** Something to do: a run to start as exactly this attempt, or one that is under way and only to be followed. */
export type Task =
  | { readonly kind: 'start'; readonly run: LaunchedRun; readonly attempt: number }
  | { readonly kind: 'follow'; readonly run: LaunchedRun };

/** Tasks that are to be carried out, each made just before its turn. */
export interface Work {
  readonly launch: string;
  readonly store: string;
  /** The `run.sh` that supervises. */
  readonly supervisor: string;
  readonly tasks: Iterator<Task>;
  /** Called once when all is over, with whether every task was done and none of them was stopped. */
  readonly finish: (done: boolean) => Promise<void> | void;
}

/** Seconds between looks whether GPUs that others had are free. */
const gpuLook = 1;

interface Control {
  stopReason: string | undefined;
  pool: ProcessPool<LaunchedRun> | undefined;
}

/** Carries out work on this machine; `begin` is called when the events are first asked for. */
export function carryOut(begin: () => Work, limits: RunLimits): Launch {
  const control: Control = { stopReason: undefined, pool: undefined };
  return {
    events: eventsOf(begin, limits, control),
    stop(reason) {
      const again = control.stopReason !== undefined;
      control.stopReason ??= reason;
      control.pool?.stopAll('STOPPED', reason, again);
    },
  };
}

async function* eventsOf(begin: () => Work, limits: RunLimits, control: Control): AsyncGenerator<LaunchEvent> {
  const work = begin();
  yield { type: 'launched', launch: work.launch, store: work.store };
  const gpuPool = limits.gpusPerRun ? new GpuPool(visibleGpus(process.env)) : undefined;
  const cpuPool = new CpuPool(allowedCpus());
  const pool = new ProcessPool<LaunchedRun>({ ...limits, supervisor: work.supervisor });
  /** Runs that go on as their next attempts, before others begin. */
  const further: Task[] = [];
  control.pool = pool;
  let done = true;
  // What goes wrong with one run ends the launch, but only after the runs that are under way were followed to their ends.
  let failure: { readonly error: unknown } | undefined;
  const attemptTo = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      failure ??= { error: asFailure(error, work.store) };
      return undefined;
    }
  };
  try {
    let exhausted = false;
    let next: Task | undefined;
    for (;;) {
      while (!exhausted && pool.size < limits.parallel && control.stopReason === undefined && !failure) {
        const waiting = next ?? further.shift();
        const found: IteratorResult<Task> | undefined = waiting
          ? { value: waiting }
          : attemptTo(() => work.tasks.next());
        exhausted = found?.done === true;
        if (!found || found.done) break;
        const task = found.value;
        const gpus = task.kind === 'start' && gpuPool ? gpuPool.take(limits.gpusPerRun ?? 0, task.run.directory) : [];
        // The run waits until others, of this launch or not, have done with theirs.
        next = gpus ? undefined : task;
        if (!gpus) break;
        yield { type: 'starting', run: task.run };
        const cpus = limits.cpusPerRun ? cpuPool.take(limits.cpusPerRun, task.run.directory) : [];
        const share = { gpus, cpus, mem: limits.memPerRun, signalTo: limits.signalTo };
        attemptTo(() => (task.kind === 'start' ? pool.start(task.run, task.attempt, share) : pool.follow(task.run)));
        if (control.stopReason !== undefined) pool.stop(task.run.id, 'STOPPED', control.stopReason);
      }
      const waits = next !== undefined && control.stopReason === undefined && !failure;
      if (waits && pool.size === 0) {
        await sleep(gpuLook * 1000);
        continue;
      }
      const exit = await pool.nextExit(waits ? gpuLook : undefined);
      if (!exit && waits) continue;
      if (!exit) {
        done &&= exhausted;
        break;
      }
      gpuPool?.giveBack(exit.run.directory);
      cpuPool.giveBack(exit.run.directory);
      const ended = attemptTo(() => settle(exit, attemptTo));
      if (!ended) continue;
      if (ended === 'alive') {
        // Another launcher had started this attempt first.
        pool.follow(exit.run);
        continue;
      }
      const goOn =
        control.stopReason === undefined && !failure
          ? attemptTo(() => nextAttempt(ended, timesOf(limits.continues)))
          : undefined;
      if (goOn) {
        further.push(goOn);
        exhausted = false;
        yield { type: 'again', run: exit.run, attempt: goOn.attempt, status: ended.status };
        continue;
      }
      done &&= ended.status.status !== 'STOPPED';
      yield ended;
      if (limits.failFast && ended.status.status !== 'COMPLETE' && control.stopReason === undefined) {
        control.stopReason = `--fail-fast: run ${ended.run.id} ended as ${ended.status.status}`;
        yield { type: 'stopping', reason: control.stopReason };
        pool.stopAll('STOPPED', control.stopReason);
      }
    }
    if (failure) throw failure.error;
  } finally {
    await pool.close();
    await work.finish(done && !failure);
  }
}

/**
 * Makes ready the next attempt of a run that ended at its time limit and may go on so many times; undefined where it has ended otherwise, or
 * has gone on as often.
 */
export function nextAttempt({ run, status }: Ended, most: number): Extract<Task, { kind: 'start' }> | undefined {
  const job = status.status === 'TIMEOUT' && most > 0 ? readJob(run.directory) : undefined;
  if (!job || (job.continued ?? 0) >= most) return undefined;
  const attempt = lastAttemptNumber(run.directory) + 1;
  const token = newId();
  const anew = { token, firstAttempt: attempt, continued: (job.continued ?? 0) + 1, verdict: undefined };
  writeJob(run.directory, { ...job, ...anew, launcher: thisProcess() });
  return { kind: 'start', run: { ...run, token }, attempt };
}

/** An error of the file system as a failure that says where; any other is a bug, and stays as it is. */
export function asFailure(error: unknown, store: string): unknown {
  const code = errnoCode(error);
  if (code === undefined) return error;
  return new MlxError({ reason: 'record-not-written', path: errnoPath(error) ?? store, code });
}

export type Ended = Extract<LaunchEvent, { type: 'ended' }>;

/**
 * What the store says of a run whose supervisor has ended, or that another one is at it. That it ended without a word is put
 * on record, where the disk lets it.
 */
export function settle(
  { run, exitCode, trouble }: PoolExit<LaunchedRun>,
  attemptTo: (write: () => void) => void,
): Ended | 'alive' {
  const job = readJob(run.directory);
  const attempt = readLastAttempt(run.directory);
  if (!job) return fail({ reason: 'broken-record', path: run.directory, problem: { kind: 'no-job-record' } });
  if (attempt && !attempt.end && isAlive(attempt.claim?.process)) return 'alive';
  const recorded = attempt?.end !== undefined && hasStarted(job, attempt);
  if (recorded || job.verdict) {
    const status = runStatus(job, attempt);
    attemptTo(() => mendInfo(run.directory, status, attempt));
    return endedEvent(run, status, attempt);
  }
  const reason =
    trouble === undefined
      ? `its supervisor left no end on record (exit code ${exitCode})`
      : attempt === undefined
        ? `its supervisor did not start: ${trouble}`
        : `its supervisor was ended by ${trouble}`;
  const verdict = { status: 'FAILED', attempt: attempt?.number ?? 0, reason } as const;
  attemptTo(() => {
    writeJob(run.directory, { ...job, verdict });
    closeInfo(run.directory, verdict, new Date());
  });
  return endedEvent(run, verdict, attempt);
}

function endedEvent(
  run: LaunchedRun,
  { status, reason }: RunStatus,
  attempt: ReturnType<typeof readLastAttempt>,
): Ended {
  const { claim, end } = attempt ?? {};
  return {
    type: 'ended',
    run,
    status: { status, reason },
    exitCode: end?.exitCode,
    seconds: claim && end ? Math.max(0, end.end - claim.start) : undefined,
  };
}
