import { ownEnvironment } from '../../core/own-environment.js';
import { thisProcess } from '../../core/process.js';
import { allowedCpus, CpuPool, GpuPool, type RunResources, visibleGpus } from '../../local/index.js';
import { lastAttemptNumber, newId, readJob, writeJob } from '../../store/index.js';
import type { LaunchedRun } from '../events.js';
import { continuing, goesOn } from '../restarts.js';
import type { RunLimits } from '../target.js';
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
    const { event } = settled;
    const { status } = event.status;
    const next = isGoing() ? this.#nextAttempt(run, settled) : undefined;
    if (next) return { event: { type: 'again', run, attempt: next.attempt, status: event.status } };
    // A run that is lost by now never started.
    this.#stopped ||= status === 'STOPPED' || status === 'LOST';
    const fails = this.limits.failFast && status !== 'COMPLETE' && stopReason() === undefined;
    return { event, stop: fails ? `--fail-fast: run ${run.id} ended as ${status}` : undefined };
  }

  /** Makes the next attempt of a run ready if it continues after its time limit. */
  #nextAttempt(run: LaunchedRun, { found }: Extract<Settled, { kind: 'ended' }>) {
    const limits = this.#limitsOf.get(run.id);
    const restarts = goesOn(found, continuing((limits ?? this.limits).continues));
    const job = restarts && readJob(run.directory);
    if (!job) return undefined;
    const attempt = lastAttemptNumber(run.directory) + 1;
    const token = newId();
    const { continued } = restarts;
    const next = { token, firstAttempt: attempt, continued, verdict: undefined, launcher: thisProcess() };
    writeJob(run.directory, { ...job, ...next });
    const task = { kind: 'start', run: { ...run, token }, attempt, limits } as const;
    this.#further.push(task);
    return task;
  }

  finish(failed: boolean): Promise<void> | void {
    return this.finishLaunch(!failed && this.isOver() && !this.#stopped);
  }
}
