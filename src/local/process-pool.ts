import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { flushFile } from '../core/atomic-file.js';
import { formatFlatRecord } from '../core/flat-record.js';
import { isAlive } from '../core/process.js';
import type { Warning } from '../engines/index.js';
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
import { killSession, type Signal, sessionOf, trySignal } from './session.js';
import { SupervisorWorker } from './supervisor-worker.js';

/** A run that is ready to start: its directory is complete. */
export interface PoolRun {
  readonly id: number;
  readonly directory: string;
  readonly token: string;
}

/** What a run has for its own. */
export interface Share {
  /** Its time limit, in place of that for all. */
  readonly limit?: TimeLimit | undefined;
  /** GPUs, by the names that CUDA has for them. */
  readonly gpus?: readonly string[] | undefined;
  /** CPUs that it keeps to, by number. */
  readonly cpus?: readonly number[] | undefined;
  /** The most memory that it may use; bytes. */
  readonly mem?: number | undefined;
  readonly signalTo?: 'program' | undefined;
}

/** A time limit in seconds, and what is said of a run that was over it. */
export interface TimeLimit {
  readonly seconds: number;
  readonly reason: string;
  /** What it is sent before. */
  readonly warning?: Warning | undefined;
}

export interface PoolOptions {
  /** The `run.sh` to start runs with. */
  readonly supervisor: string;
  /** Seconds from asking a run to end to killing it. */
  readonly grace: number;
  /** Seconds after which a run is over its limit. */
  readonly walltime: TimeLimit | undefined;
}

/** How a supervisor ended. What its run's status is, the store tells. */
export interface PoolExit<Run extends PoolRun> {
  readonly run: Run;
  /** Undefined where the supervisor did not live to tell. */
  readonly exitCode: number | undefined;
  /** Why there is no exit code: the signal that ended the supervisor, or why it could not be started. */
  readonly trouble: string | undefined;
}

/** What supervises a run under way: a worker of this pool, or one that an earlier launcher started. */
interface Supervision {
  /** The session of all that it starts. */
  readonly session: number | undefined;
  readonly supervisor: number | undefined;
  signal(signal: Signal): void;
}

interface Live<Run extends PoolRun> {
  readonly run: Run;
  readonly limit: TimeLimit | undefined;
  readonly supervision: Supervision;
  readonly timers: Set<NodeJS.Timeout>;
  readonly memory: MemoryLimit | undefined;
  /** The most memory that it was seen to use; bytes. */
  peak: number;
  stopping: boolean;
}

/** Seconds between the supervisor being told to kill its body and being killed with all that it started. */
const lastGrace = 3;

const followMilliseconds = 100;

/**
 * The processes behind the engine `here`. Each slot has a worker, a bash that supervises one run after the other; starting a
 * process from Node for each run would cost more than all the rest. Workers have sessions of their own, so that a Ctrl-C
 * at the terminal reaches runs only through `stop`, and so that runs outlive a killed launcher and still write their ends.
 */
export class ProcessPool<Run extends PoolRun> {
  readonly #live = new Map<number, Live<Run>>();
  readonly #idle: SupervisorWorker[] = [];
  readonly #exits: PoolExit<Run>[] = [];
  readonly #flushes = new Set<Promise<void>>();
  #wake: (() => void) | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(readonly options: PoolOptions) {}

  /** How many runs are under way. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Starts a run as exactly this attempt, which only one supervisor can; its output goes to its log files, appended.
   */
  start(run: Run, attempt: number, { limit, gpus, cpus, mem, signalTo }: Share = {}): void {
    const worker = this.#idle.pop() ?? new SupervisorWorker(this.options.supervisor);
    const memory = mem === undefined ? undefined : limitMemory(mem, `${run.token}-${attempt}`);
    const live = { ...unwatched(), run, limit, supervision: worker, memory };
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

  /** Waits for the end of an attempt that another launcher of this host has started. */
  follow(run: Run): void {
    const attempt = readLastAttempt(run.directory);
    const supervisor = attempt?.claim?.process;
    const supervision: Supervision = {
      session: supervisor && sessionOf(supervisor.pid),
      supervisor: supervisor?.pid,
      signal: (signal) => void (supervisor && isAlive(supervisor) && trySignal(supervisor.pid, signal)),
    };
    const live = { ...unwatched(), run, limit: undefined, supervision, memory: undefined };
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

  /** Waits for the next run whose supervisor has ended; undefined when none is left, or when so many seconds are over. */
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
   * Asks a run to end: its verdict is written down, it gets TERM, after the grace its body is killed, and at last all
   * that it started. With `now` the grace is skipped.
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

  /** `stop` for every run. */
  stopAll(status: Verdict['status'], reason: string, now = false): void {
    for (const id of [...this.#live.keys()]) this.stop(id, status, reason, now);
  }

  /** Ends the idle workers; resolves when the ends of all runs are on the disk. */
  async close(): Promise<void> {
    for (const worker of this.#idle.splice(0)) worker.dismiss();
    await Promise.all(this.#flushes);
  }

  #limit(live: Live<Run>, elapsed: number): void {
    const walltime = live.limit ?? this.options.walltime;
    if (!walltime || !this.#live.has(live.run.id)) return;
    const left = Math.max(0, walltime.seconds - elapsed);
    this.#later(live, left, () => this.stop(live.run.id, 'TIMEOUT', walltime.reason));
    const { warning } = walltime;
    if (!warning || left < warning.seconds) return;
    this.#later(live, left - warning.seconds, () => live.supervision.signal(`SIG${warning.signal}`));
  }

  /** Looks once a second how much memory runs use, as long as there are any. */
  #watchMemory(): void {
    this.#watch ??= setInterval(() => {
      for (const live of this.#live.values()) {
        const { supervisor } = live.supervision;
        if (supervisor !== undefined) live.peak = Math.max(live.peak, memoryOf(supervisor) ?? 0);
      }
    }, 1000).unref();
  }

  #later(live: Live<Run>, seconds: number, action: () => void): void {
    // Longer than setTimeout can count (24.8 days) is never, for a launcher that has to stay up.
    if (seconds * 1000 < 2 ** 31) live.timers.add(setTimeout(action, seconds * 1000));
  }

  #onExit(live: Live<Run>, exitCode: number | undefined, trouble: string | undefined): void {
    this.#live.delete(live.run.id);
    for (const timer of live.timers) clearTimeout(timer);
    live.memory?.release();
    if (live.peak > 0) writePeakMemory(live.run.directory, live.peak);
    if (this.#live.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    // A supervisor that died can't clean up after its body any more.
    if (exitCode === undefined) killSession(live.supervision.session, 'SIGKILL');
    const { directory } = live.run;
    const flush: Promise<void> = flushEnd(directory)
      // Without an end there is nothing to flush; the record itself is checked by whoever reads it.
      .catch(() => undefined)
      .finally(() => this.#flushes.delete(flush));
    this.#flushes.add(flush);
    this.#exits.push({ run: live.run, exitCode, trouble });
    this.#wake?.();
  }
}

/** What of a run under way is not known yet. */
const unwatched = () => ({ timers: new Set<NodeJS.Timeout>(), peak: 0, stopping: false });

/** Puts on record what the last attempt used, where the disk lets it. */
function writePeakMemory(run: string, bytes: number): void {
  try {
    const path = runPaths.attemptUsage(run, lastAttemptNumber(run));
    writeFileSync(path, formatFlatRecord({ peak_memory: bytes }));
  } catch {
    // Less is known of it then.
  }
}

async function flushEnd(run: string): Promise<void> {
  await flushFile(runPaths.attemptEnd(run, lastAttemptNumber(run)));
}

/** The signal that ended the supervisor itself, which then has left no end on record; usually there is none. */
function endedBySignal(run: string, exitCode: number): string | undefined {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? [];
  return name === undefined || readEnd(run) ? undefined : name;
}

/** The end of the last attempt; undefined also where it can't be read now, which is for those to tell who need it. */
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
    // Right after its start a run has not claimed its attempt yet; the verdict is about the one it is going to claim.
    const last = lastAttemptNumber(run);
    const claimed = last > 0 && readAttempt(run, last).end === undefined;
    writeJob(run, { ...job, verdict: { status, attempt: claimed ? last : last + 1, reason } });
  } catch {
    // A full disk does not keep a run from being stopped; its end then tells the signal instead of the verdict.
  }
}
