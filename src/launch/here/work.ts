import { dirname } from 'node:path';
import { ownEnvironment } from '../../core/own-environment.js';
import { thisProcess } from '../../core/process.js';
import { allowedCpus, CpuPool, GpuPool, type RunResources, visibleGpus } from '../../local/index.js';
import {
  correctInfo,
  failedRuns,
  failedStatus,
  lastAttemptNumber,
  newId,
  noteOutcome,
  readJob,
  wentWrong,
  writeJob,
} from '../../store/index.js';
import type { LaunchedRun } from '../events.js';
import { continuing, goesOn } from '../restarts.js';
import { failureLimitOf, type RunLimits } from '../target.js';
import type { Outcome, Settled, Task, TaskSource, WorkState } from '../worker.js';

/** A run of a launch that is to start as exactly this attempt, or that is under way already. */
export type HereTask =
  | {
      readonly kind: 'start';
      readonly run: LaunchedRun;
      readonly attempt: number;
      /** The limits of the run if they differ from those of the launch. */
      readonly limits?: RunLimits | undefined;
    }
  | { readonly kind: 'follow'; readonly run: LaunchedRun };

/** Seconds between looks for GPUs that others have given back. */
const gpuLook = 1;

/** The runs of one launch, as tasks for the worker: each is made just before its turn. */
export class LaunchTasks implements TaskSource {
  readonly #gpus: GpuPool | undefined;
  readonly #cpus = new CpuPool(allowedCpus());
  /** Runs that continue as their next attempts, before others begin. */
  readonly #further: HereTask[] = [];
  /** The limits of runs that have some of their own, by id. */
  readonly #limitsOf = new Map<number, RunLimits>();
  /** A run that waits for GPUs. */
  #waiting: HereTask | undefined;
  /** The runs that have ended badly here, by id. */
  readonly #failed = new Set<number>();
  #exhausted = false;
  #stopped = false;

  /** `finish` is called once at the end, with whether every task was done and none of them was stopped. */
  constructor(
    readonly tasks: Iterator<HereTask>,
    readonly limits: RunLimits,
    readonly finishLaunch: (done: boolean) => Promise<void> | void,
  ) {
    this.#gpus = limits.gpusPerRun ? new GpuPool(visibleGpus(ownEnvironment())) : undefined;
  }

  *ready({ running }: WorkState): Generator<Task> {
    while (running() < this.limits.parallel) {
      const task = this.#next();
      if (!task) return;
      if (task.kind === 'follow') {
        yield task;
        continue;
      }
      if (task.limits) this.#limitsOf.set(task.run.id, task.limits);
      const share = this.#share(task);
      // The run waits until others, of this launch or not, give their GPUs back.
      this.#waiting = share ? undefined : task;
      if (!share) return;
      yield { ...task, share };
    }
  }

  #next(): HereTask | undefined {
    const task = this.#waiting ?? this.#further.shift();
    if (task) return task;
    const { done, value } = this.tasks.next();
    this.#exhausted = done === true;
    return done ? undefined : value;
  }

  /** What a run has to itself; undefined while too few GPUs are free. */
  #share({ run: { directory }, limits = this.limits }: Extract<HereTask, { kind: 'start' }>): RunResources | undefined {
    const { gpusPerRun = 0, cpusPerRun, memPerRun, signalTo, walltime } = limits;
    const gpus = this.#gpus ? this.#gpus.take(gpusPerRun, directory) : [];
    if (!gpus) return undefined;
    const cpus = cpusPerRun ? this.#cpus.take(cpusPerRun, directory) : [];
    return { gpus, cpus, mem: memPerRun, signalTo, limit: walltime };
  }

  patience(): number | undefined {
    return this.#waiting ? gpuLook : undefined;
  }

  isOver(): boolean {
    return this.#exhausted && !this.#waiting && this.#further.length === 0;
  }

  release({ directory }: LaunchedRun): void {
    this.#gpus?.giveBack(directory);
    this.#cpus.giveBack(directory);
  }

  ended(settled: Settled, { run }: { readonly run: LaunchedRun }, { isGoing, stopReason }: WorkState): Outcome {
    // Another launcher had started this attempt first.
    if (settled.kind === 'alive') return { follow: true };
    const { event, found } = leftAsItIs(settled);
    const next = isGoing() ? this.#nextAttempt(run, settled) : undefined;
    if (next) return { event: { type: 'again', run, attempt: next.attempt, status: event.status } };
    const { status } = event.status;
    const isLeft = found !== settled.found;
    if (isLeft) tryToCorrectInfo(found);
    noteOutcome(found, goesOn(found, continuing((this.#limitsOf.get(run.id) ?? this.limits).continues)) !== undefined);
    // A run that is lost by now never started.
    this.#stopped ||= status === 'STOPPED' || status === 'LOST' || isLeft;
    const limit = this.#reachedBy(found, run.id);
    const stop = stopReason() === undefined ? limit && `${limit}: run ${run.id} ended as ${status}` : undefined;
    return { event, stop };
  }

  /** Returns the option that allows no more failures after this run, if there is one. */
  #reachedBy({ directory, job, status }: Found, id: number): string | undefined {
    const most = failureLimitOf(this.limits);
    if (most === undefined || !job || !wentWrong(status.status)) return undefined;
    this.#failed.add(id);
    // The store may have been too full to write them down.
    const failed = new Set([...this.#failed, ...failedRuns(dirname(directory), job.launch)]);
    if (failed.size < most) return undefined;
    return this.limits.failFast && most === 1 ? '--fail-fast' : `--max-failures ${most}`;
  }

  /**
   * Makes the next attempt of a run ready if it continues after its time limit, or failed and is tried again.
   */
  #nextAttempt(run: LaunchedRun, { found }: Extract<Settled, { kind: 'ended' }>) {
    const limits = this.#limitsOf.get(run.id);
    const { number = 0, end } = found.attempt ?? {};
    if (found.status.status === 'QUEUED' && end?.retry !== undefined) {
      // Its supervisor has left it to us. It is the same submission, whoever starts it.
      const again = { kind: 'start', run, attempt: number + 1, limits } as const;
      this.#further.push(again);
      return again;
    }
    const restarts = goesOn(found, continuing((limits ?? this.limits).continues));
    const job = restarts && readJob(run.directory);
    if (!job) return undefined;
    const attempt = lastAttemptNumber(run.directory) + 1;
    const token = newId();
    const next = { token, firstAttempt: attempt, verdict: undefined, launcher: thisProcess(), despiteFailures: true };
    writeJob(run.directory, { ...job, ...next, ...restarts });
    const task = { kind: 'start', run: { ...run, token }, attempt, limits } as const;
    this.#further.push(task);
    return task;
  }

  finish(failed: boolean): Promise<void> | void {
    return this.finishLaunch(!failed && this.isOver() && !this.#stopped);
  }
}

type Ending = Extract<Settled, { kind: 'ended' }>;
type Found = Ending['found'];

function tryToCorrectInfo({ directory, status, attempt }: Found): void {
  try {
    correctInfo(directory, status, attempt);
  } catch {
    // The disk is full: the end is on record all the same.
  }
}

/**
 * The end of a run as it is if nobody starts it again, though its supervisor has left a next attempt to this
 * process: it has failed, and `mlx resume` tries it again.
 */
function leftAsItIs(settled: Ending): Ending {
  const { event, found } = settled;
  if (found.status.status !== 'QUEUED') return settled;
  const status = failedStatus(found.attempt?.end);
  return { ...settled, event: { ...event, status }, found: { ...found, status } };
}
