import { existsSync, statSync } from 'node:fs';
import { ifPresent } from '../../core/errno.js';
import { askEngines } from '../../engines/index.js';
import {
  type CompleteRun,
  correctInfo,
  type Dependencies,
  dependencyIds,
  enqueue,
  isFinalStatus,
  leaveQueue,
  noDependencies,
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
  withAnswer,
} from '../../store/index.js';
import type { LaunchedRun } from '../here/work.js';

/** A run that waits in the local queue. */
export interface QueuedRun {
  readonly id: number;
  readonly directory: string;
  readonly run: LaunchedRun;
  readonly queued: QueueEntry;
  readonly after: Dependencies;
  /** The attempt that is to come. */
  readonly attempt: number;
  /** When the launcher's side last said something about it; milliseconds. */
  readonly toldAt: number;
}

/** Why runs are left in the queue by what has run all that it could. */
export interface LeftRuns {
  readonly held: readonly number[];
  /** They ask for more GPUs than can be seen from here. */
  readonly short: readonly number[];
  /** They wait for such runs. */
  readonly behind: readonly number[];
}

/** The local queue as one of the processes sees it that work on it. */
export class LocalQueue {
  /** What waits, in the order in which it is to be started. */
  #waiting: readonly QueuedRun[] = [];
  readonly #taken = new Set<number>();
  readonly #short = new Set<number>();
  readonly #held = new Set<number>();
  /** What is known of runs that are in the queue, or are waited for. */
  readonly #statuses = new Map<number, Status | 'deleted'>();

  constructor(readonly store: string) {}

  /** How many runs wait that may be started from here. */
  get size(): number {
    return [...this.inOrder()].length;
  }

  /** Looks at what others have put into the queue, or have started or ended, and at what is waited for outside of it. */
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
    const toldAt = toldAtOf(storePaths.run(this.store, id));
    const run = readRun(this.store, id);
    // A directory that is just being filled is for the next look.
    if (run && run.kind !== 'run') return undefined;
    const status = run?.status.status ?? 'deleted';
    this.#statuses.set(id, status);
    if (status === 'deleted' || isFinalStatus(status)) {
      // Its supervisor may have told what to write to a process that was killed.
      if (run) correctInfo(run.directory, run.status, run.attempt);
      leaveQueue(this.store, id);
      if (toldAtOf(storePaths.run(this.store, id)) !== toldAt) enqueue(this.store, id);
    } else if (status === 'HELD') this.#held.add(id);
    else if (status !== 'RUNNING' && run) return queuedRun(run, toldAt);
    return undefined;
  }

  /** Asks about what is waited for and is not in the queue; what has ended for good is not asked about again. */
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
    const { answers } = await askEngines(this.store, runs);
    for (const run of runs) this.#statuses.set(run.id, withAnswer(run, answers.get(run.id)).status.status);
  }

  /** What may be started from here, those first that are to be started first. */
  *inOrder(): Generator<QueuedRun> {
    for (const entry of this.#waiting) {
      if (!this.#taken.has(entry.id) && !this.#short.has(entry.id)) yield entry;
    }
  }

  readinessOf({ after }: QueuedRun): Readiness {
    return readiness(after, (id) => this.#statuses.get(id) ?? 'QUEUED');
  }

  /** A run that is started from here. */
  take({ id }: QueuedRun): void {
    this.#taken.add(id);
    this.#statuses.set(id, 'RUNNING');
  }

  /** A run that another process has started; the next look tells how it goes on. */
  pass(id: number): void {
    this.#taken.delete(id);
  }

  /** A run that has ended, and leaves the queue, save where it was put into it again just now. */
  end({ id, directory, token }: LaunchedRun, status: Status): void {
    this.#statuses.set(id, status);
    leaveQueue(this.store, id);
    if (readJob(directory)?.token !== token) enqueue(this.store, id);
    this.#taken.delete(id);
    this.#waiting = this.#waiting.filter((entry) => entry.id !== id);
  }

  /** A run that can't be started from here: it asks for more than there is. */
  setAside({ id }: QueuedRun): void {
    this.#short.add(id);
  }

  /** Whether something may still become ready: it waits for what goes on here or elsewhere. */
  mayGoOn(): boolean {
    const { behind } = this.left();
    return this.size > behind.length;
  }

  /** What can't go on from here. */
  left(): LeftRuns {
    const stuck = new Set([...this.#held, ...this.#short]);
    const behind: number[] = [];
    // Runs wait for those with lower ids.
    for (const entry of [...this.inOrder()].sort((a, b) => a.id - b.id)) {
      const ready = this.readinessOf(entry);
      if (ready.kind !== 'waiting' || !ready.on.some((id) => stuck.has(id))) continue;
      stuck.add(entry.id);
      behind.push(entry.id);
    }
    return { held: [...this.#held], short: [...this.#short], behind };
  }
}

/** The moment of the last word about a run, which its next attempts beyond the first touch too. */
function toldAtOf(directory: string): number {
  return ifPresent(() => statSync(runPaths.job(directory)))?.mtimeMs ?? 0;
}

function isAsBefore({ directory, attempt, toldAt }: QueuedRun): boolean {
  return toldAtOf(directory) === toldAt && !existsSync(runPaths.attempt(directory, attempt));
}

function queuedRun({ id, directory, job, attempt, overrides }: CompleteRun, toldAt: number): QueuedRun | undefined {
  if (!job?.queued) return undefined;
  const { token, point, queued, after = noDependencies } = job;
  const label = overrides.length > 0 ? overrides.join(' ') : (runCommand({ job, directory }) ?? '');
  const run = { id, directory, token, point, overrides, label };
  return { id, directory, run, queued, after, attempt: (attempt?.number ?? 0) + 1, toldAt };
}
