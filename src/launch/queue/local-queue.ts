import { existsSync, statSync } from 'node:fs';
import { ifPresent } from '../../core/errno.js';
import {
  type CompleteRun,
  correctInfo,
  type Dependencies,
  dependencyIds,
  enqueue,
  isFinalStatus,
  leaveQueue,
  noDependencies,
  noteRecordedOutcome,
  type QueueEntry,
  queuedIds,
  type Readiness,
  readiness,
  readJob,
  readRun,
  runCommand,
  runPaths,
  type Status,
  storePaths,
} from '../../store/index.js';
import { EngineAsker } from '../../tracking/index.js';
import type { LaunchedRun } from '../events.js';

/** A run that waits in the local queue. */
export interface QueuedRun {
  readonly id: number;
  readonly directory: string;
  readonly run: LaunchedRun;
  readonly queued: QueueEntry;
  readonly after: Dependencies;
  /** Its next attempt. */
  readonly attempt: number;
  /** When its job record was last written; milliseconds. */
  readonly recordedAt: number;
}

/** The runs that a worker could not start, by cause. */
export interface LeftRuns {
  readonly held: readonly number[];
  /** They ask for more GPUs than can be seen from here. */
  readonly short: readonly number[];
  /** Their supervisors could not start. */
  readonly unstarted: readonly number[];
  /** They wait for those. */
  readonly behind: readonly number[];
}

/** One worker's view of the local queue. */
export class LocalQueue {
  /** The runs that wait, in the order in which they start. */
  #waiting: readonly QueuedRun[] = [];
  readonly #taken = new Set<number>();
  readonly #short = new Set<number>();
  readonly #held = new Set<number>();
  readonly #unstarted = new Set<number>();
  /** The known statuses of runs that are in the queue, or that others wait for. */
  readonly #statuses = new Map<number, Status | 'deleted'>();

  constructor(readonly store: string) {}

  /** How many runs wait that this worker could start. */
  get size(): number {
    return [...this.inOrder()].length;
  }

  /**
   * Looks for runs that others have enqueued, started or ended, and at the dependencies outside of the queue.
   */
  async look(): Promise<void> {
    const known = new Map(this.#waiting.map((entry) => [entry.id, entry]));
    const found: QueuedRun[] = [];
    this.#held.clear();
    for (const id of queuedIds(this.store)) {
      if (this.#taken.has(id)) continue;
      const before = known.get(id);
      const entry = before && isAsBefore(before) ? before : this.#read(id);
      if (entry) found.push(entry);
    }
    this.#waiting = found.sort((a, b) => b.queued.priority - a.queued.priority || a.id - b.id);
    await this.#lookOutside();
  }

  #read(id: number): QueuedRun | undefined {
    const recordedAt = recordTimeOf(storePaths.run(this.store, id));
    const run = readRun(this.store, id);
    // A directory that is being filled will be seen at the next look.
    if (run && run.kind !== 'run') return undefined;
    const status = run?.status.status ?? 'deleted';
    this.#statuses.set(id, status);
    if (status === 'deleted' || isFinalStatus(status)) {
      // Its supervisor may have reported to a process that was killed before it could write this.
      if (run) {
        correctInfo(run.directory, run.status, run.attempt);
        noteRecordedOutcome(run);
      }
      leaveQueue(this.store, id);
      if (recordTimeOf(storePaths.run(this.store, id)) !== recordedAt) enqueue(this.store, id);
    } else if (status === 'HELD') this.#held.add(id);
    else if (status !== 'RUNNING' && run) return queuedRun(run, recordedAt);
    return undefined;
  }

  /**
   * Asks about dependencies that are not in the queue. Those that have ended for good are not asked about
   * again.
   */
  async #lookOutside(): Promise<void> {
    const runs: CompleteRun[] = [];
    const here = new Set([...this.#taken, ...this.#waiting.map(({ id }) => id)]);
    for (const id of new Set(this.#waiting.flatMap(({ after }) => dependencyIds(after)))) {
      const known = this.#statuses.get(id);
      if (here.has(id) || known === 'deleted' || (known !== undefined && isFinalStatus(known))) continue;
      const run = readRun(this.store, id);
      if (run?.kind === 'run') runs.push(run);
      else if (!run) this.#statuses.set(id, 'deleted');
    }
    for (const { id, status } of await new EngineAsker(this.store).ask(runs)) this.#statuses.set(id, status.status);
  }

  /** The runs that this worker could start, in order. */
  *inOrder(): Generator<QueuedRun> {
    for (const entry of this.#waiting) {
      if (!this.#taken.has(entry.id) && !this.#short.has(entry.id)) yield entry;
    }
  }

  readinessOf({ after }: QueuedRun): Readiness {
    return readiness(after, (id) => this.#statuses.get(id) ?? 'QUEUED');
  }

  /** Marks a run that this worker starts. */
  take({ id }: QueuedRun): void {
    this.#taken.add(id);
    this.#statuses.set(id, 'RUNNING');
  }

  /** Marks a run that another process has started; the next look shows how it goes on. */
  pass(id: number): void {
    this.#taken.delete(id);
  }

  /** Takes a run that has ended out of the queue, unless it has just been enqueued again. */
  end({ id, directory, token }: LaunchedRun, status: Status): void {
    this.#statuses.set(id, status);
    leaveQueue(this.store, id);
    if (readJob(directory)?.token !== token) enqueue(this.store, id);
    this.#taken.delete(id);
    this.#waiting = this.#waiting.filter((entry) => entry.id !== id);
  }

  /** Marks a run whose supervisor could not start. It stays in the queue; this worker does not try again. */
  leaveUnstarted(id: number): void {
    this.#unstarted.add(id);
  }

  /** Marks a run that this worker can't start: it asks for more GPUs than there are. */
  setAside({ id }: QueuedRun): void {
    this.#short.add(id);
  }

  /** Whether a run may still become ready, because it waits for runs that are under way here or elsewhere. */
  mayGoOn(): boolean {
    const { behind } = this.left();
    return this.size > behind.length;
  }

  /** Returns the runs that this worker can't start. */
  left(): LeftRuns {
    const stuck = new Set([...this.#held, ...this.#short, ...this.#unstarted]);
    const behind: number[] = [];
    // Runs wait only for runs with lower ids.
    for (const entry of [...this.inOrder()].sort((a, b) => a.id - b.id)) {
      const ready = this.readinessOf(entry);
      if (ready.kind !== 'waiting' || !ready.on.some((id) => stuck.has(id))) continue;
      stuck.add(entry.id);
      behind.push(entry.id);
    }
    return { held: [...this.#held], short: [...this.#short], unstarted: [...this.#unstarted], behind };
  }
}

/**
 * When a run's job record was last written, which each further submission does; milliseconds, 0 if it is
 * gone.
 */
function recordTimeOf(directory: string): number {
  return ifPresent(() => statSync(runPaths.job(directory)))?.mtimeMs ?? 0;
}

function isAsBefore({ directory, attempt, recordedAt }: QueuedRun): boolean {
  return recordTimeOf(directory) === recordedAt && !existsSync(runPaths.attempt(directory, attempt));
}

function queuedRun({ id, directory, job, attempt, overrides }: CompleteRun, recordedAt: number): QueuedRun | undefined {
  if (!job?.queued) return undefined;
  const { token, point, queued, after = noDependencies } = job;
  const label = overrides.length > 0 ? overrides.join(' ') : (runCommand({ job, directory }) ?? '');
  const run = { id, directory, token, point, overrides, label };
  return { id, directory, run, queued, after, attempt: (attempt?.number ?? 0) + 1, recordedAt };
}
