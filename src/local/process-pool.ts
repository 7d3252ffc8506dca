import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { flushFile } from '../core/atomic-file.js';
import { formatFlatRecord } from '../core/flat-record.js';
import { isAlive, trySignal } from '../core/process.js';
import type { Warning } from '../resources/index.js';
import {
  type AttemptEnd,
  lastAttemptNumber,
  moveInfoIntoPlace,
  readAttempt,
  readJob,
  readLastAttempt,
  runPaths,
  type Verdict,
  writeJob,
} from '../store/index.js';
import { limitMemory, type MemoryLimit } from './memory-limit.js';
import { memoryOf } from './memory-watch.js';
import { killSession, type Signal, sessionOf } from './session.js';
import { SupervisorWorker } from './supervisor-worker.js';

/** A run that can start: its directory is complete. */
interface PoolRun {
  readonly id: number;
  readonly directory: string;
  readonly token: string;
}

/** What one run gets. */
export interface RunResources {
  /** Its time limit, if it differs from the pool's. */
  readonly limit?: TimeLimit | undefined;
  /** GPUs, by CUDA's names. */
  readonly gpus?: readonly string[] | undefined;
  /** The CPUs that it is pinned to, by number. */
  readonly cpus?: readonly number[] | undefined;
  /** Its memory limit, in bytes. */
  readonly mem?: number | undefined;
  readonly signalTo?: 'program' | undefined;
}

/** A time limit, and the reason of a run that exceeds it. */
export interface TimeLimit {
  readonly seconds: number;
  readonly reason: string;
  /** A signal before the limit. */
  readonly warning?: Warning | undefined;
}

export interface PoolOptions {
  /** The `run.sh` to start runs with. */
  readonly supervisor: string;
  /** Seconds between asking a run to end and killing it. */
  readonly grace: number;
  /** The time limit of all runs. */
  readonly walltime: TimeLimit | undefined;
}

/** The end of a supervisor. The run's status is in the store. */
export interface PoolExit<Run extends PoolRun> {
  readonly run: Run;
  /** Undefined if the supervisor died. */
  readonly exitCode: number | undefined;
  /** Why there is no exit code: the signal that killed the supervisor, or why it could not start. */
  readonly trouble: string | undefined;
}

/** The supervisor of a live run: a worker of this pool, or one that an earlier launcher started. */
interface Supervision {
  /** The session of its processes. */
  readonly session: number | undefined;
  readonly supervisor: number | undefined;
  signal(signal: Signal): void;
}

interface LiveRun<Run extends PoolRun> {
  readonly run: Run;
  readonly limit: TimeLimit | undefined;
  readonly supervision: Supervision;
  readonly timers: Set<NodeJS.Timeout>;
  readonly memory: MemoryLimit | undefined;
  /** The most memory seen so far, in bytes. */
  peak: number;
  stopping: boolean;
}

/** Seconds between asking a supervisor to kill its run and killing the whole session. */
const lastGrace = 3;

const followMilliseconds = 100;

/**
 * The processes of runs on this machine. A worker, a bash, supervises one run after another: starting a
 * process from Node for each run would cost more than everything else. Workers have their own sessions, so
 * that Ctrl-C at the terminal reaches runs only through `stop`, and so that runs outlive a killed launcher
 * and still record their ends.
 */
export class ProcessPool<Run extends PoolRun> {
  readonly #live = new Map<number, LiveRun<Run>>();
  readonly #idle: SupervisorWorker[] = [];
  readonly #exits: PoolExit<Run>[] = [];
  readonly #flushes = new Set<Promise<void>>();
  #wake: (() => void) | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(readonly options: PoolOptions) {}

  /** The number of live runs. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Starts a run as this attempt. Only one supervisor can claim an attempt. Output is appended to the run's
   * log files.
   */
  start(run: Run, attempt: number, { limit, gpus, cpus, mem, signalTo }: RunResources = {}): void {
    const worker = this.#idle.pop() ?? new SupervisorWorker(this.options.supervisor);
    const memory = mem === undefined ? undefined : limitMemory(mem, `${run.token}-${attempt}`);
    const live = { ...initialState(), run, limit, supervision: worker, memory };
    this.#live.set(run.id, live);
    this.#watchMemory();
    worker.supervise(
      { ...run, attempt, gpus, cpus, memory: memory?.word, signalTo },
      {
        onInfo: (pid) => moveInfoIntoPlace(run.directory, pid),
        onExit: (exitCode) => {
          const signal = endedBySignal(run.directory, exitCode);
          if (signal === undefined) this.#idle.push(worker);
          this.#onExit(live, signal === undefined ? exitCode : undefined, signal);
        },
        onDeath: (trouble) => this.#onExit(live, undefined, trouble),
      },
    );
    this.#limit(live, 0);
  }

  /** Watches an attempt that another launcher on this host started; `nextExit` then reports its end. */
  follow(run: Run): void {
    const attempt = readLastAttempt(run.directory);
    const supervisor = attempt?.claim?.process;
    const supervision: Supervision = {
      session: supervisor && sessionOf(supervisor.pid),
      supervisor: supervisor?.pid,
      signal: (signal) => void (supervisor && isAlive(supervisor) && trySignal(supervisor.pid, signal)),
    };
    const live = { ...initialState(), run, limit: undefined, supervision, memory: undefined };
    this.#live.set(run.id, live);
    this.#watchMemory();
    const look = () => {
      if (isAlive(supervisor)) return;
      const end = readEnd(run.directory);
      this.#onExit(live, end?.exitCode, end ? undefined : 'something unknown');
    };
    live.timers.add(setInterval(look, followMilliseconds));
    this.#limit(live, Date.now() / 1000 - (attempt?.claim?.start ?? 0));
  }

  /**
   * Waits for the next supervisor to end. Resolves to undefined if no run is left, or after `within` seconds.
   */
  async nextExit(within?: number): Promise<PoolExit<Run> | undefined> {
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    if (within !== undefined) {
      timer = setTimeout(() => {
        isOver = true;
        this.#wake?.();
      }, within * 1000);
    }
    for (;;) {
      const exit = this.#exits.shift();
      if (exit || this.#live.size === 0 || isOver) {
        clearTimeout(timer);
        return exit;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Stops a run: records the verdict, sends TERM, after the grace asks the supervisor to kill the run, and at
   * last kills the whole session. With `now` it skips the grace.
   */
  stop(id: number, status: Verdict['status'], reason: string, now = false): void {
    const live = this.#live.get(id);
    if (!live || (live.stopping && !now)) return;
    if (!live.stopping) writeVerdict(live.run.directory, status, reason);
    live.stopping = true;
    const kill = () => {
      live.supervision.signal('SIGQUIT');
      this.#later(live, lastGrace, () => killSession(live.supervision.session, 'SIGKILL'));
    };
    if (now) {
      kill();
      return;
    }
    live.supervision.signal('SIGTERM');
    this.#later(live, this.options.grace, kill);
  }

  /** Stops every run. */
  stopAll(status: Verdict['status'], reason: string, now = false): void {
    for (const id of [...this.#live.keys()]) this.stop(id, status, reason, now);
  }

  /** Ends the idle workers. Resolves when the ends of all runs are on the disk. */
  async close(): Promise<void> {
    for (const worker of this.#idle.splice(0)) worker.dismiss();
    await Promise.all(this.#flushes);
  }

  #limit(live: LiveRun<Run>, elapsed: number): void {
    const walltime = live.limit ?? this.options.walltime;
    if (!walltime || !this.#live.has(live.run.id)) return;
    const left = Math.max(0, walltime.seconds - elapsed);
    this.#later(live, left, () => this.stop(live.run.id, 'TIMEOUT', walltime.reason));
    const { warning } = walltime;
    if (!warning || left < warning.seconds) return;
    this.#later(live, left - warning.seconds, () => live.supervision.signal(`SIG${warning.signal}`));
  }

  /** Measures the memory of all live runs once a second. */
  #watchMemory(): void {
    this.#watch ??= setInterval(() => {
      for (const live of this.#live.values()) {
        const { supervisor } = live.supervision;
        if (supervisor !== undefined) live.peak = Math.max(live.peak, memoryOf(supervisor) ?? 0);
      }
    }, 1000).unref();
  }

  #later(live: LiveRun<Run>, seconds: number, action: () => void): void {
    // setTimeout can't count more than 24.8 days. No launcher lives that long, so the action is dropped.
    if (seconds * 1000 < 2 ** 31) live.timers.add(setTimeout(action, seconds * 1000));
  }

  #onExit(live: LiveRun<Run>, exitCode: number | undefined, trouble: string | undefined): void {
    this.#live.delete(live.run.id);
    for (const timer of live.timers) clearTimeout(timer);
    live.memory?.release();
    if (live.peak > 0) writePeakMemory(live.run.directory, live.peak);
    if (this.#live.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    // A dead supervisor can't kill its run's processes.
    if (exitCode === undefined) killSession(live.supervision.session, 'SIGKILL');
    const { directory } = live.run;
    const flush: Promise<void> = flushEnd(directory)
      // There may be no end to flush. Readers check the record themselves.
      .catch(() => undefined)
      .finally(() => this.#flushes.delete(flush));
    this.#flushes.add(flush);
    this.#exits.push({ run: live.run, exitCode, trouble });
    this.#wake?.();
  }
}

/** The initial state of a live run. */
const initialState = () => ({ timers: new Set<NodeJS.Timeout>(), peak: 0, stopping: false });

/** Records the peak memory of the last attempt. Ignores errors. */
function writePeakMemory(run: string, bytes: number): void {
  try {
    const path = runPaths.attemptUsage(run, lastAttemptNumber(run));
    writeFileSync(path, formatFlatRecord({ peak_memory: bytes }));
  } catch {
    // The peak stays unknown.
  }
}

async function flushEnd(run: string): Promise<void> {
  await flushFile(runPaths.attemptEnd(run, lastAttemptNumber(run)));
}

/**
 * Returns the signal that killed the supervisor itself, which then left no end on record; usually undefined.
 */
function endedBySignal(run: string, exitCode: number): string | undefined {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? [];
  return name === undefined || readEnd(run) ? undefined : name;
}

/** Returns the end of the last attempt, or undefined if it is missing or can't be read now. */
function readEnd(run: string): AttemptEnd | undefined {
  try {
    return readLastAttempt(run)?.end;
  } catch {
    return undefined;
  }
}

function writeVerdict(run: string, status: Verdict['status'], reason: string): void {
  try {
    const job = readJob(run);
    if (!job) return;
    // Right after its start a run has not claimed its attempt yet. The verdict then applies to the next one.
    const last = lastAttemptNumber(run);
    // Somebody else has stopped it just now.
    if (last > 0 && job.verdict?.attempt === last) return;
    const claimed = last > 0 && readAttempt(run, last).end === undefined;
    writeJob(run, { ...job, verdict: { status, attempt: claimed ? last : last + 1, reason } });
  } catch {
    // A run is stopped even if the disk is full; its end then shows the signal instead of the verdict.
  }
}
