import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockDuration } from '../../core/clock.js';
import { signalOf, timesOf } from '../../engines/index.js';
import { allowedCpus, CpuPool, type GpuPool, type PoolExit, ProcessPool } from '../../local/index.js';
import { readRun, runPaths } from '../../store/index.js';
import { asFailure, type Ended, type Launch, type LaunchEvent, type LaunchedRun, settle } from '../here/work.js';
import { failUnstarted } from '../make/fail-unstarted.js';
import { installedRuntime, supervisorIn } from '../make/runtime.js';
import { requeue } from '../resubmit.js';
import { type LeftRuns, LocalQueue, type QueuedRun } from './local-queue.js';

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

/** A run under way, with its place in the queue. */
interface PoolEntry extends LaunchedRun {
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
  readonly #cpus: CpuPool;
  #stopReason: string | undefined;
  #slots = 0;
  #started = 0;

  constructor(
    readonly store: string,
    readonly options: ExecuteOptions,
  ) {
    this.#queue = new LocalQueue(store);
    // With more slots than CPUs none can have any for its own.
    const cpus = allowedCpus();
    this.#cpus = new CpuPool(options.slots <= cpus.length ? cpus : []);
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
    let total: number | undefined;
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
        const exit = await this.#nextExit();
        const event = exit && this.#onExit(exit);
        if (event) yield event;
        // What goes on waits anew, for its next attempt.
        if ((!event || event.type === 'again') && this.#stopReason === undefined) await this.#queue.look();
      }
    } catch (error) {
      throw asFailure(error, this.store);
    } finally {
      await this.#pool.close();
    }
  }

  /** The next run to end; undefined where it is time to see what others have done. */
  async #nextExit(): Promise<PoolExit<PoolEntry> | undefined> {
    const { interval } = this.options;
    if (this.#pool.size > 0) return this.#pool.nextExit(interval);
    await sleep(interval * 1000, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    return undefined;
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
      this.options.gpus.giveBack(entry.directory);
      this.#queue.pass(entry.id);
      return;
    }
    const { limit: seconds, slots, mem, signalTo } = entry.queued;
    const warning = signalOf(entry.queued);
    const limit =
      seconds === undefined ? undefined : { seconds, reason: `over its ${clockDuration(seconds)} limit`, warning };
    const cpus = slots > 1 ? this.#cpus.take(slots, entry.directory) : [];
    this.#started++;
    this.#slots += slots;
    yield { type: 'starting', run: entry.run };
    this.#pool.start({ ...entry.run, entry }, entry.attempt, { limit, gpus, cpus, mem, signalTo });
    if (this.#stopReason !== undefined) this.#pool.stop(entry.id, 'STOPPED', this.#stopReason);
  }

  #onExit(exit: PoolExit<PoolEntry>): LaunchEvent {
    const { run } = exit;
    this.#slots -= run.entry.queued.slots;
    this.options.gpus.giveBack(run.directory);
    this.#cpus.giveBack(run.directory);
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
      if (now?.kind === 'run') requeue(this.store, [now], {}, now.job?.continued ?? 0);
      return ended;
    }
    const next = this.#continues(run.entry, ended);
    if (next) return next;
    this.#queue.end(run.entry.run, ended.status.status);
    return ended;
  }

  /** Puts a run that ended at its time limit, and may go on, into the queue again. */
  #continues({ queued, run, id }: QueuedRun, { status }: Ended): LaunchEvent | undefined {
    const now = status.status === 'TIMEOUT' && timesOf(queued.continues) > 0 ? readRun(this.store, id) : undefined;
    if (now?.kind !== 'run' || (now.job?.continued ?? 0) >= timesOf(queued.continues)) return undefined;
    requeue(this.store, [now], {}, (now.job?.continued ?? 0) + 1);
    this.#queue.pass(id);
    this.#started--;
    return { type: 'again', run, attempt: (now.attempt?.number ?? 0) + 1, status };
  }

  #giveUp(entry: QueuedRun, reason: string): Ended {
    this.#started++;
    const ended = failUnstarted(entry.run, reason);
    this.#queue.end(entry.run, 'FAILED');
    return ended;
  }
}
