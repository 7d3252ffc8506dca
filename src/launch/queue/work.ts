import { existsSync } from 'node:fs';
import { clockDuration } from '../../core/clock.js';
import { allowedCpus, CpuPool, type GpuPool, type PoolExit, type RunResources } from '../../local/index.js';
import { signalOf } from '../../resources/index.js';
import { failedStatus, noteOutcome, type Restarts, readRun, restartsOf, runPaths } from '../../store/index.js';
import type { Launch, LaunchedRun } from '../events.js';
import { failUnstarted } from '../make/fail-unstarted.js';
import { installedRuntime, supervisorIn } from '../make/runtime.js';
import { continuing, goesOn } from '../restarts.js';
import { carryOut, type Outcome, type Settled, type Task, type TaskSource, type WorkState } from '../worker.js';
import { requeue } from './again.js';
import { type LeftRuns, LocalQueue, type QueuedRun } from './local-queue.js';

/** How the local queue is worked on. */
export interface ExecuteOptions {
  /** How many runs at once, if each takes one slot. */
  readonly slots: number;
  /** Whether to wait for more when nothing is left to do. */
  readonly stays: boolean;
  /** Seconds between looks for what others have added or ended. */
  readonly interval: number;
  readonly gpus: GpuPool;
  /** Seconds between asking a run to end and killing it. */
  readonly grace: number;
}

/**
 * Runs what waits in the local queue, by priority and then by submission, each run when its dependencies are
 * met, as many at once as there are slots and GPUs. Any number of processes may do this at the same time:
 * each attempt is claimed by one of them. If it is interrupted, the runs that were under way go back into the
 * queue.
 */
export function executeQueue(store: string, options: ExecuteOptions): Launch & { readonly left: () => LeftRuns } {
  const source = new QueueTasks(store, options);
  const supervisor = supervisorIn(installedRuntime(store));
  const { grace } = options;
  const launch = carryOut(() => ({ launch: '', store, supervisor, grace, walltime: undefined, source }));
  return { ...launch, left: () => source.queue.left() };
}

/** The runs of the local queue, as tasks for the worker. */
class QueueTasks implements TaskSource {
  readonly queue: LocalQueue;
  readonly #cpus: CpuPool;
  /** The runs under way, by id. */
  readonly #entries = new Map<number, QueuedRun>();
  /** The slots that are taken. */
  #slots = 0;
  #started = 0;

  constructor(
    readonly store: string,
    readonly options: ExecuteOptions,
  ) {
    this.queue = new LocalQueue(store);
    // With more slots than CPUs no run can have CPUs to itself.
    const cpus = allowedCpus();
    this.#cpus = new CpuPool(options.slots <= cpus.length ? cpus : []);
  }

  look(): Promise<void> {
    return this.queue.look();
  }

  total(): number {
    return this.#started + this.queue.size;
  }

  patience(): number {
    return this.options.interval;
  }

  isOver(): boolean {
    return !(this.options.stays || this.queue.mayGoOn());
  }

  *ready(): Generator<Task> {
    let gpusAreOut = false;
    for (const entry of this.queue.inOrder()) {
      if (this.#slots >= this.options.slots) return;
      const ready = this.queue.readinessOf(entry);
      if (ready.kind === 'waiting') continue;
      if (ready.kind === 'unmet') {
        yield this.#giveUp(entry, ready.reason);
        continue;
      }
      const { queued } = entry;
      // A run is not overtaken by one that needs less. Alone it may take more slots than there are.
      if (this.#slots > 0 && this.#slots + queued.slots > this.options.slots) return;
      if (queued.gpus > this.options.gpus.gpus.length) {
        this.queue.setAside(entry);
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

  *#start(entry: QueuedRun, gpus: readonly string[]): Generator<Task> {
    this.queue.take(entry);
    if (existsSync(runPaths.attempt(entry.directory, entry.attempt))) {
      // Another process started it first; the next look shows how it goes on.
      this.options.gpus.giveBack(entry.directory);
      this.queue.pass(entry.id);
      return;
    }
    const { slots } = entry.queued;
    const cpus = slots > 1 ? this.#cpus.take(slots, entry.directory) : [];
    this.#started++;
    this.#slots += slots;
    this.#entries.set(entry.id, entry);
    yield { kind: 'start', run: entry.run, attempt: entry.attempt, share: { ...shareOf(entry), gpus, cpus } };
  }

  #giveUp(entry: QueuedRun, reason: string): Task {
    this.#started++;
    const event = failUnstarted(entry.run, reason);
    this.queue.end(entry.run, 'FAILED');
    return { kind: 'report', event };
  }

  release({ id, directory }: LaunchedRun): void {
    this.#slots -= this.#entries.get(id)?.queued.slots ?? 0;
    this.options.gpus.giveBack(directory);
    this.#cpus.giveBack(directory);
  }

  ended(settled: Settled, { run, exitCode }: PoolExit<LaunchedRun>, { stopReason }: WorkState): Outcome {
    const entry = this.#entries.get(run.id);
    this.#entries.delete(run.id);
    // A supervisor does not start an attempt that another one has started; it then ends with this exit code.
    const isOurs = settled.kind === 'ended' && !(exitCode === 75 && settled.event.exitCode !== 75);
    if (!isOurs) {
      this.#started--;
      this.queue.pass(run.id);
      return { event: { type: 'passed', run } };
    }
    const { event, found } = settled;
    const { status, reason } = event.status;
    if (status === 'STOPPED' && reason !== undefined && reason === stopReason()) {
      // It waits for its next attempt.
      this.#requeue(run.id, restartsOf(found));
      return { event };
    }
    if (status === 'LOST') {
      // It never started, and stays in the queue for another time.
      this.queue.leaveUnstarted(run.id);
      return { event };
    }
    if (status === 'QUEUED' || status === 'HELD') {
      // It failed, and is in the queue for its next attempt: the same submission, whoever starts it.
      this.queue.pass(run.id);
      this.#started--;
      return {
        event: {
          type: 'again',
          run,
          attempt: (found.attempt?.number ?? 0) + 1,
          status: failedStatus(found.attempt?.end),
        },
      };
    }
    const restarts = goesOn(found, continuing(entry?.queued.continues));
    if (restarts && this.#requeue(run.id, restarts)) {
      this.queue.pass(run.id);
      this.#started--;
      const attempt = (found.attempt?.number ?? 0) + 1;
      return { event: { type: 'again', run, attempt, status: event.status } };
    }
    noteOutcome(found, false);
    this.queue.end(run, status);
    return { event };
  }

  /** Puts a run into the queue for its next attempt. Returns false if the run is gone or damaged. */
  #requeue(id: number, restarts: Restarts): boolean {
    const now = readRun(this.store, id);
    if (now?.kind !== 'run') return false;
    requeue(this.store, [now], {}, { restarts });
    return true;
  }
}

/** What a queued run asks for, apart from GPUs and CPUs. */
function shareOf({ queued }: QueuedRun): RunResources {
  const { limit: seconds, mem, signalTo } = queued;
  const reason = `over its ${seconds === undefined ? '' : clockDuration(seconds)} limit`;
  const limit = seconds === undefined ? undefined : { seconds, reason, warning: signalOf(queued) };
  return { limit, mem, signalTo };
}
