import { setTimeout as sleep } from 'node:timers/promises';
import { errnoCode, errnoPath } from '../core/errno.js';
import { isAlive } from '../core/process.js';
import { fail, MlxError } from '../failures/index.js';
import { type PoolExit, type PoolOptions, ProcessPool, type RunResources } from '../local/index.js';
import {
  type CompleteRun,
  closeInfo,
  correctInfo,
  hasStarted,
  type RunStatus,
  readJob,
  readLastAttempt,
  runStatus,
  type Verdict,
  withTurnedAway,
  writeJob,
} from '../store/index.js';
import { type Ended, endedEvent, type Launch, type LaunchEvent, type LaunchedRun } from './events.js';

/** Something to do on this machine. */
export type Task =
  /** Start a run as exactly this attempt, with what it has to itself. */
  | { readonly kind: 'start'; readonly run: LaunchedRun; readonly attempt: number; readonly share: RunResources }
  /** Follow a run that is already under way. */
  | { readonly kind: 'follow'; readonly run: LaunchedRun }
  /** Nothing to do, only something to report. */
  | { readonly kind: 'report'; readonly event: LaunchEvent };

/** The state of the loop, for sources that act on it. */
export interface WorkState {
  /** How many runs are under way. */
  readonly running: () => number;
  /** Why the launch was stopped; undefined as long as it goes on. */
  readonly stopReason: () => string | undefined;
  /** Whether new runs may start: the launch is neither stopped nor failed. */
  readonly isGoing: () => boolean;
}

/** What a source makes of the end of a run. */
export interface Outcome {
  readonly event?: LaunchEvent | undefined;
  /** The run is under way elsewhere: follow it. */
  readonly follow?: true;
  /** Why everything else is stopped now. */
  readonly stop?: string | undefined;
}

/** Where a worker gets its tasks from: the points of a launch, or the local queue. */
export interface TaskSource {
  /** Looks at what other processes have added, started or ended. */
  look?(): Promise<void>;
  /** How many runs there will be, if that can change. */
  total?(): number;
  /** The tasks that can start now, each made just before its turn. Called again after each run that ends. */
  ready(state: WorkState): Iterable<Task>;
  /** Seconds after which to look again even if no run has ended; undefined to wait for the next end. */
  patience(): number | undefined;
  /** True if no task will come when no run is under way. */
  isOver(): boolean;
  /** Takes back what the run had to itself. */
  release(run: LaunchedRun, exitCode: number | undefined): void;
  /** Decides what the end of a run means. */
  ended(settled: Settled, exit: PoolExit<LaunchedRun>, state: WorkState): Outcome;
  /** Called once at the end; `failed` tells whether the work ended with an error. */
  finish?(failed: boolean): Promise<void> | void;
}

/** Work to carry out on this machine. */
interface Work extends PoolOptions {
  /** The launch's id; empty if the runs are of several. */
  readonly launch: string;
  readonly store: string;
  readonly source: TaskSource;
}

/** Begins work, after events of its own; undefined if there turns out to be none. */
type Begin = () => Work | AsyncGenerator<LaunchEvent, Work | undefined>;

/**
 * The one worker loop: carries out tasks on this machine. `begin` is called when the first event is asked
 * for.
 */
export function carryOut(begin: Begin): Launch {
  const control: Control = { stopReason: undefined, pool: undefined, wake: new AbortController() };
  return {
    events: eventsOf(begin, control),
    stop(reason) {
      const again = control.stopReason !== undefined;
      control.stopReason ??= reason;
      control.wake.abort();
      control.pool?.stopAll('STOPPED', control.stopReason, again);
    },
  };
}

interface Control {
  stopReason: string | undefined;
  pool: ProcessPool<LaunchedRun> | undefined;
  /** Ends a pause early. */
  readonly wake: AbortController;
}

async function* eventsOf(begin: Begin, control: Control): AsyncGenerator<LaunchEvent> {
  const beginning = begin();
  const work = 'next' in beginning ? yield* beginning : beginning;
  if (!work) return;
  const { launch, store, source, ...options } = work;
  yield { type: 'launched', launch, store };
  const pool = new ProcessPool<LaunchedRun>(options);
  control.pool = pool;
  // An error with one run ends the launch, but only after the runs that are under way were followed to their
  // ends.
  let failure: { readonly error: unknown } | undefined;
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      failure ??= { error: asFailure(error, { store, launch }) };
      return undefined;
    }
  };
  const state: WorkState = {
    running: () => pool.size,
    stopReason: () => control.stopReason,
    isGoing: () => control.stopReason === undefined && !failure,
  };
  const pause = (seconds: number) =>
    sleep(seconds * 1000, undefined, { signal: control.wake.signal }).catch(() => undefined);
  let total: number | undefined;
  try {
    await source.look?.();
    for (;;) {
      const expected = source.total?.();
      if (expected !== total) {
        total = expected;
        if (expected !== undefined) yield { type: 'counted', total: expected };
      }
      if (state.isGoing()) {
        const tasks = source.ready(state)[Symbol.iterator]();
        for (;;) {
          const next = attempt(() => tasks.next());
          if (!next || next.done) break;
          yield* carryOutTask(next.value, pool, control, attempt);
          if (!state.isGoing()) break;
        }
      }
      if (pool.size === 0 && (!state.isGoing() || source.isOver())) break;
      const patience = state.isGoing() ? source.patience() : undefined;
      if (pool.size === 0) await pause(patience ?? 0);
      const exit = pool.size === 0 ? undefined : await pool.nextExit(patience);
      if (!exit) {
        if (state.isGoing()) await source.look?.();
        continue;
      }
      source.release(exit.run, exit.exitCode);
      const settled = attempt(() => settle(exit, attempt));
      const outcome = settled && attempt(() => source.ended(settled, exit, state));
      if (outcome?.follow) pool.follow(exit.run);
      if (outcome?.event) yield outcome.event;
      if (outcome?.stop !== undefined && control.stopReason === undefined) {
        control.stopReason = outcome.stop;
        yield { type: 'stopping', reason: outcome.stop };
        pool.stopAll('STOPPED', outcome.stop);
      }
      // A run that continues is in the queue again, for its next attempt.
      if (outcome?.event?.type === 'again' && state.isGoing()) await source.look?.();
    }
    if (failure) throw failure.error;
  } catch (error) {
    throw asFailure(error, { store, launch });
  } finally {
    await pool.close();
    await source.finish?.(failure !== undefined);
  }
}

function* carryOutTask(
  task: Task,
  pool: ProcessPool<LaunchedRun>,
  control: Control,
  attempt: (action: () => void) => void,
): Generator<LaunchEvent> {
  if (task.kind === 'report') {
    yield task.event;
    return;
  }
  const { run } = task;
  yield { type: 'starting', run };
  attempt(() => (task.kind === 'start' ? pool.start(run, task.attempt, task.share) : pool.follow(run)));
  // It may have been stopped by who was just told of its start.
  if (control.stopReason !== undefined) pool.stop(run.id, 'STOPPED', control.stopReason);
}

/**
 * Returns a file system's error as a failure that names the path. Any other error is a bug and stays as it
 * is.
 */
function asFailure(error: unknown, { store, launch }: Pick<Work, 'store' | 'launch'>): unknown {
  const code = errnoCode(error);
  if (code === undefined) return error;
  const again = launch === '' ? 'mlx execute' : `mlx resume @${launch}`;
  return new MlxError({ reason: 'record-not-written', path: errnoPath(error) ?? store, code, again });
}

/**
 * A run whose supervisor has ended, as the store has it: it has ended, or another supervisor is running it.
 */
export type Settled =
  | { readonly kind: 'alive' }
  | {
      readonly kind: 'ended';
      readonly event: Ended;
      readonly found: Pick<CompleteRun, 'directory' | 'job' | 'attempt' | 'status'>;
    };

/**
 * Reads what the store says of a run whose supervisor has ended. If the supervisor left no end on record,
 * writes a verdict, if the disk allows it. Throws `broken-record` if the run's job record is gone.
 */
function settle({ run, exitCode, trouble }: PoolExit<LaunchedRun>, attemptTo: (write: () => void) => void): Settled {
  const { directory } = run;
  const recordedJob = readJob(directory);
  const attempt = readLastAttempt(directory);
  if (!recordedJob) return fail({ reason: 'broken-record', path: directory, problem: { kind: 'no-job-record' } });
  const job = withTurnedAway(directory, recordedJob, attempt);
  if (attempt && !attempt.end && isAlive(attempt.claim?.process)) return { kind: 'alive' };
  const isStarted = hasStarted(job, attempt);
  const ended = (status: RunStatus): Settled => ({
    kind: 'ended',
    event: endedEvent(run, status, isStarted ? attempt : undefined),
    found: { directory, job, attempt, status },
  });
  // That an earlier start of a queued run came to nothing says nothing of this one.
  const isDecided = job.verdict !== undefined && !(isStarted && job.verdict.status === 'LOST');
  if ((isStarted && attempt?.end !== undefined) || isDecided) {
    const status = runStatus(job, attempt);
    attemptTo(() => correctInfo(directory, status, attempt));
    return ended(status);
  }
  const how = trouble ?? `exit code ${exitCode}`;
  // Without an attempt on record the program never ran. That is no failure of the run, which is left to do.
  const verdict: Verdict = isStarted
    ? {
        status: 'FAILED',
        attempt: attempt?.number ?? 0,
        reason:
          trouble === undefined
            ? `its supervisor left no end on record (${how})`
            : `its supervisor was ended by ${how}`,
      }
    : { status: 'LOST', attempt: attempt?.number ?? 0, reason: `its supervisor did not start: ${how}` };
  attemptTo(() => {
    writeJob(directory, { ...job, verdict });
    if (isStarted) closeInfo(directory, verdict, new Date());
  });
  return ended(verdict);
}
