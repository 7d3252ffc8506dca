import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockDuration } from '../core/clock.js';
import { readRun, runPaths } from '../logger/index.js';
import { type GpuPool, type PoolExit, ProcessPool } from '../scheduler/index.js';
import { asFailure, type Ended, type Launch, type LaunchEvent, type LaunchedRun, settle } from './carry-out.js';
import { recordFailure } from './launch-jobs.js';
import { type LeftRuns, LocalQueue, type QueuedRun } from './local-queue.js';
import { requeue } from './resubmit.js';
import { installedRuntime, supervisorIn } from './runtime.js';

/** How the local queue is worked on. */
export interface ExecuteOptions {
  /** How many runs at once, where each takes one slot. */
  readonly slots: number;
  /** Whether to go on and wait for more when nothing is left to do. */
  readonly stays: boolean;
  /** Seconds between looks for what others have added or ended. */
  readonly interval: number;
  readonly gpus: GpuPool;
  /** Seconds between asking a run to end and killing it. */
  readonly grace: number;
}

interface PoolEntry extends LaunchedRun {
  readonly attempt: number;
  readonly limit: { readonly seconds: number; readonly reason: string } | undefined;
  readonly gpus: readonly string[] | undefined;
  readonly entry: QueuedRun;
}

/**
 * Runs what waits in the local queue: in order of priority and submission, each when what it waits for has come about, as many at once as
 * there are slots and GPUs. Any number of processes may do so at the same time: an attempt is claimed by one of them. Interrupted, it puts
 * the runs that were under way back into the queue.
 */
export function executeQueue(store: string, options: ExecuteOptions): Launch & { readonly left: () => LeftRuns } {
  const executor = new Executor(store, options);
  return {
    events: executor.events(),
    stop: (reason) => executor.stop(reason),
    left: () => executor.left(),
  };
}

class Executor {
  readonly #queue: LocalQueue;
  readonly #pool: ProcessPool<PoolEntry>;
  readonly #wake = new AbortController();
  #stopReason: string | undefined;
  #slots = 0;
  #started = 0;

  constructor(
    readonly store: string,
    readonly options: ExecuteOptions,
  ) {
    this.#queue = new LocalQueue(store);
    const supervisor = supervisorIn(installedRuntime(store));
    this.#pool = new ProcessPool({ supervisor, grace: options.grace, walltime: undefined });
  }

  left(): LeftRuns {
    return this.#queue.left();
  }

  stop(reason: string): void {
    const again = this.#stopReason !== undefined;
    this.#stopReason ??= reason;
    this.#wake.abort();
    this.#pool.stopAll('STOPPED', this.#stopReason, again);
  }

  async *events(): AsyncGenerator<LaunchEvent> {
    yield { type: 'launched', launch: '', store: this.store };
    let total = 0;
    let exit: Promise<PoolExit<PoolEntry> | undefined> | undefined;
    try {
      await this.#queue.look();
      for (;;) {
        const expected = this.#started + this.#queue.size;
        if (expected !== total) {
          total = expected;
          yield { type: 'counted', total };
        }
        if (this.#stopReason === undefined) yield* this.#startWhatCan();
        if (this.#pool.size === 0 && (this.#stopReason !== undefined || !(this.options.stays || this.#queue.mayGoOn())))
          return;
        if (this.#pool.size > 0) exit ??= this.#pool.nextExit();
        const ended = await this.#nextOf(exit);
        if (ended === 'look') {
          if (this.#stopReason === undefined) await this.#queue.look();
          continue;
        }
        exit = undefined;
        if (ended) yield this.#onExit(ended);
      }
    } catch (error) {
      throw asFailure(error, this.store);
    } finally {
      await this.#pool.close();
    }
  }

  /** The next run to end; `look` where it is time to see what others have done. */
  async #nextOf(
    exit: Promise<PoolExit<PoolEntry> | undefined> | undefined,
  ): Promise<PoolExit<PoolEntry> | 'look' | undefined> {
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, ...(this.#pool.size === 0 ? [this.#wake.signal] : [])]);
    const pause = sleep(this.options.interval * 1000, 'look' as const, { signal }).catch(() => 'look' as const);
    const first = await (exit ? Promise.race([exit, pause]) : pause);
    timer.abort();
    return first;
  }

  *#startWhatCan(): Generator<LaunchEvent> {
    let gpusAreOut = false;
    for (const entry of this.#queue.inOrder()) {
      if (this.#slots >= this.options.slots) return;
      const ready = this.#queue.readinessOf(entry);
      if (ready.kind === 'waiting') continue;
      if (ready.kind === 'unmet') {
        yield this.#giveUp(entry, ready.reason);
        continue;
      }
      const { queued } = entry;
      // What comes first is not passed by what needs less; alone it may have more slots than there are.
      if (this.#slots > 0 && this.#slots + queued.slots > this.options.slots) return;
      if (queued.gpus > this.options.gpus.gpus.length) {
        this.#queue.setAside(entry);
        continue;
      }
      if (queued.gpus > 0 && gpusAreOut) continue;
      const gpus = queued.gpus === 0 ? [] : this.options.gpus.take(queued.gpus, entry.directory);
      if (!gpus) {
        gpusAreOut = true;
        continue;
      }
      yield* this.#start(entry, gpus);
    }
  }

  *#start(entry: QueuedRun, gpus: readonly string[]): Generator<LaunchEvent> {
    this.#queue.take(entry);
    if (existsSync(runPaths.attempt(entry.directory, entry.attempt))) {
      // Somebody else was quicker; the next look tells how it went on.
      this.options.gpus.giveBack(gpus);
      this.#queue.pass(entry.id);
      return;
    }
    const { limit } = entry.queued;
    const run: PoolEntry = {
      ...entry.run,
      attempt: entry.attempt,
      limit: limit === undefined ? undefined : { seconds: limit, reason: `over its ${clockDuration(limit)} limit` },
      gpus: gpus.length === 0 ? undefined : gpus,
      entry,
    };
    this.#started++;
    this.#slots += entry.queued.slots;
    yield { type: 'starting', run: entry.run };
    this.#pool.start(run, entry.attempt);
    if (this.#stopReason !== undefined) this.#pool.stop(run.id, 'STOPPED', this.#stopReason);
  }

  #onExit(exit: PoolExit<PoolEntry>): LaunchEvent {
    const { run } = exit;
    this.#slots -= run.entry.queued.slots;
    if (run.gpus) this.options.gpus.giveBack(run.gpus);
    const ended = settle({ ...exit, run: run.entry.run }, (write) => write());
    // The supervisor does not start an attempt that another one has started.
    const isOurs = ended !== 'alive' && !(exit.exitCode === 75 && ended.exitCode !== 75);
    if (!isOurs) {
      this.#started--;
      this.#queue.pass(run.id);
      return { type: 'passed', run: run.entry.run };
    }
    const { reason } = ended.status;
    if (ended.status.status === 'STOPPED' && reason !== undefined && reason === this.#stopReason) {
      // It waits for its next attempt.
      const now = readRun(this.store, run.id);
      if (now?.kind === 'run') requeue(this.store, [now], {});
      return ended;
    }
    this.#queue.end(run.id, ended.status.status);
    return ended;
  }

  #giveUp(entry: QueuedRun, reason: string): Ended {
    recordFailure(entry.run, reason);
    this.#queue.end(entry.id, 'FAILED');
    this.#started++;
    return {
      unstarted: true,
      type: 'ended',
      run: entry.run,
      status: { status: 'FAILED', reason },
      exitCode: undefined,
      seconds: undefined,
    };
  }
}
