import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import chunk from 'lodash/chunk.js';
import { flushFile } from '../../core/atomic-file.js';
import { currentUmask } from '../../core/umask.js';
import {
  type EngineLimits,
  type JobDependencies,
  type JobRequest,
  pollJobs,
  type Submission,
  submitJob,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  type Dependencies,
  isFinalStatus,
  newId,
  noDependencies,
  readJob,
  readRun,
  runPaths,
  writeArray,
  writeJob,
} from '../../store/index.js';
import { behind, jobsToAwait, type Settled, settleDependencies } from '../dependencies.js';
import type { LaunchEvent, LaunchedRun } from '../events.js';
import { failUnstarted, recordFailure } from '../make/fail-unstarted.js';
import type { RunMaker, RunPart } from '../make/run-maker.js';
import type { EngineTarget } from '../target.js';
import { spreadIds, stepOf } from './array-ids.js';
import { arrayRequest, type TaskArray, writeArrayFiles } from './array-request.js';
import { jobShape } from './array-shape.js';
import { runRequest } from './job-request.js';

/**
 * What the runs of a launch wait for: what is left of it, and the jobs by which the engine knows it; or why
 * it can't happen any more.
 */
export type Waits = Settled & { readonly jobs?: JobDependencies | undefined };

/** Looks at what a launch waits for. Throws what `settleDependencies` and `jobsToAwait` throw. */
export async function waitsOf(store: string, target: EngineTarget): Promise<Waits> {
  const settled = await settleDependencies(store, target.after);
  return settled.kind === 'unmet' ? settled : { ...settled, jobs: jobsToAwait(store, settled, target) };
}

/** A run to submit. Its directory is made, or made ready again, just before. */
export interface Part {
  /** The number of its point in the launch. */
  readonly point: number;
  /** Makes the directory ready for this submission and returns the run. */
  prepare(part: RunPart & { readonly token: string }): LaunchedRun;
}

/** What a submission needs to know of its launch. */
export interface SubmitterOptions {
  readonly maker: RunMaker;
  readonly target: EngineTarget;
  readonly limits: EngineLimits;
  readonly signal: AbortSignal;
  readonly waits: Waits;
}

/** Seconds between looks at the queue while it is as full as `--max-queued` allows. */
const queueLook = 5;

/** Submits runs of one launch, each exactly once. */
export class Submitter {
  readonly maker: RunMaker;
  readonly target: EngineTarget;
  readonly signal: AbortSignal;
  readonly #limits: EngineLimits;
  readonly #waits: Waits;
  /** The ids of jobs that may still be in the engine. */
  readonly #queued: string[] = [];
  #submitted = 0;
  #total = 0;
  #refused = 0;
  #refusal = '';

  constructor({ maker, target, limits, signal, waits }: SubmitterOptions) {
    this.maker = maker;
    this.target = target;
    this.signal = signal;
    this.#limits = limits;
    this.#waits = waits;
  }

  /** Whether nothing is left for another time. */
  get allSubmitted(): boolean {
    return this.#submitted === this.#total;
  }

  /**
   * Submits runs, one job each or as arrays. Throws `submission-failed` if the engine refuses, or accepts no
   * more.
   */
  async *submit(parts: Iterable<Part>, count: number): AsyncGenerator<LaunchEvent> {
    this.#total += count;
    if (this.#waits.kind === 'unmet') {
      yield* this.#giveUp(parts, this.#waits.reason);
      return;
    }
    const { arrays: wanted, count: jobCount } = jobShape(this.target, count);
    const { jobs: awaited } = this.#waits;
    const arrays = wanted && (!awaited || (this.target.engine.arrayWaits?.(awaited) ?? true));
    if (!arrays && this.target.pack === 1) yield* this.#submitSingly(parts);
    else yield* this.#submitTasks(parts, arrays ? this.#tasksPerArray(jobCount) : 1);
    if (this.#refused > 0) this.#fail(this.#refusal, 'refused');
  }

  #fail(words: string, outcome: 'refused' | 'not-now' | 'unknown'): never {
    return fail({
      reason: 'submission-failed',
      engine: this.target.engine.title,
      words,
      launch: this.maker.context.launch,
      submitted: this.#submitted,
      total: this.#total,
      outcome,
    });
  }

  /** Runs whose dependency has failed already are not submitted; they are recorded as failed. */
  *#giveUp(parts: Iterable<Part>, reason: string): Generator<LaunchEvent> {
    for (const part of parts) {
      const run = part.prepare({ token: newId(), task: undefined, after: undefined });
      this.#submitted++;
      yield failUnstarted(run, reason);
    }
  }

  /** What the run of a point waits for. */
  #waitsAt(point: number): { after: Dependencies | undefined; jobs: JobDependencies | undefined } {
    const waits = this.#waits;
    const { after = noDependencies, jobs = noJobs } = waits.kind === 'open' ? waits : {};
    const { store } = this.maker.context;
    const previous = this.target.chain ? openJob(store, this.maker.runBefore(point)) : undefined;
    if (!previous) return { after, jobs: waits.kind === 'open' ? waits.jobs : undefined };
    return {
      after: behind(after, previous.id),
      jobs: { ...jobs, any: [...jobs.any, previous.jobId] },
    };
  }

  async *#submitSingly(parts: Iterable<Part>): AsyncGenerator<LaunchEvent> {
    for (const part of parts) {
      yield* this.#waitForRoom();
      if (this.signal.aborted) return;
      const { after, jobs } = this.#waitsAt(part.point);
      const run = part.prepare({ token: newId(), task: undefined, after });
      // By its token the job is found again, whatever happens from here on.
      await flushFile(runPaths.job(run.directory));
      const { plan, store } = this.maker.context;
      const request = {
        ...runRequest(this.target, run, plan.settings.scheduler.shell_path, store),
        directory: plan.cwd,
        umask: currentUmask(),
        after: jobs,
      };
      yield* this.#send([run], request, (jobId) => this.recordRun(run, jobId));
    }
  }

  /** As many tasks as an array may have, spread evenly over as few arrays as that allows. */
  #tasksPerArray(jobCount: number): number {
    if (this.target.submit) return jobCount;
    const most = this.#limits.arrayTasks ?? jobCount;
    return Math.ceil(jobCount / Math.ceil(jobCount / most));
  }

  async *#submitTasks(parts: Iterable<Part>, tasksEach: number): AsyncGenerator<LaunchEvent> {
    const { pack } = this.target;
    for (const group of groupsOf(parts, tasksEach * pack)) {
      yield* this.#waitForRoom();
      if (this.signal.aborted) return;
      const number = this.maker.nextArray();
      const token = newId();
      const { after } = this.#waitsAt(0);
      const runs = group.map((part, i) =>
        part.prepare({ token, task: { array: number, index: Math.floor(i / pack) + 1 }, after }),
      );
      const array = { number, token, tasks: chunk(runs, pack) };
      const request = this.requestFor(array);
      writeArrayFiles(this.maker.context, this.target, array, request);
      yield* this.#sendArray(array, request);
    }
  }

  /** Returns the request for the job of an array, or of one pack. */
  requestFor(array: TaskArray<{ readonly id: number }>): JobRequest {
    return arrayRequest(this.maker.context, this.target, array, this.#waitsAt(0).jobs);
  }

  /**
   * Submits an array of an earlier process, whose script and map are there, and whose runs are not counted
   * yet.
   */
  async *sendLost(array: TaskArray<LaunchedRun>, request: JobRequest): AsyncGenerator<LaunchEvent> {
    this.#total += array.tasks.flat().length;
    yield* this.#sendArray(array, request);
  }

  async *#sendArray(array: TaskArray<LaunchedRun>, request: JobRequest): AsyncGenerator<LaunchEvent> {
    const { launch, store } = this.maker.context;
    const unsent = { token: request.token, jobId: undefined, taskIds: undefined, taskPattern: undefined };
    writeArray(store, launch, array.number, unsent);
    yield* this.#send(array.tasks.flat(), request, (jobId, taskIds) =>
      this.recordArray(array.number, request, jobId, taskIds),
    );
  }

  /** Records the id of a run's own job. */
  recordRun({ directory }: LaunchedRun, jobId: string): void {
    const job = readJob(directory);
    if (job) writeJob(directory, { ...job, jobId }, { flush: true });
  }

  /** Records an array's id. */
  recordArray(number: number, request: JobRequest, jobId: string, taskIds: readonly string[] | undefined): void {
    const { launch, store } = this.maker.context;
    const taskPattern = request.array && this.target.engine.taskPattern(jobId);
    const spread = spreadIds(taskPattern, request.array?.count ?? 0, stepOf(this.target));
    writeArray(store, launch, number, { token: request.token, jobId, taskIds: taskIds ?? spread, taskPattern });
  }

  /** Submits one job, retrying as `submitJob` does. */
  async *#send(
    runs: readonly LaunchedRun[],
    request: JobRequest,
    record: (jobId: string, taskIds: readonly string[] | undefined) => void,
  ): AsyncGenerator<LaunchEvent> {
    const { engine, engineName, onSubmitError } = this.target;
    const result = yield* this.#submission(request);
    switch (result.kind) {
      case 'accepted':
        record(result.jobId, result.taskIds);
        this.#submitted += runs.length;
        this.#queued.push(result.jobId);
        yield { type: 'submitted', runs, engine: basename(engineName), jobId: result.jobId, found: false };
        return;
      case 'refused':
        this.#refused += runs.length;
        this.#refusal ||= result.words;
        for (const run of runs) recordFailure(run, `${engine.title} refused it: ${result.words}`);
        yield { type: 'refused', runs, engine: engine.title, words: result.words };
        if (onSubmitError === 'stop') this.#fail(result.words, 'refused');
        return;
      case 'unknown':
        return this.#fail(result.words, 'unknown');
      case 'given-up':
        return this.#fail(result.words, 'not-now');
    }
  }

  /** Submits one job; reports each wait while it lasts, and returns what came of it. */
  async *#submission(request: JobRequest): AsyncGenerator<LaunchEvent, Submission> {
    const { engine } = this.target;
    const waits: LaunchEvent[] = [];
    let wake = () => {};
    let result: Submission | undefined;
    const onWait = (words: string, seconds: number) => {
      waits.push({ type: 'waiting', engine: engine.title, words, seconds });
      wake();
    };
    const working = submitJob(engine, request, onWait, this.signal).then((submission) => {
      result = submission;
      wake();
    });
    while (!result) {
      if (waits.length === 0) await Promise.race([working, new Promise<void>((resolve) => (wake = resolve))]);
      yield* waits.splice(0);
    }
    await working;
    return result;
  }

  /** Counts runs that the engine turned out to have already. */
  *adopted(runs: readonly LaunchedRun[], jobId: string): Generator<LaunchEvent> {
    this.#total += runs.length;
    this.#submitted += runs.length;
    this.#queued.push(jobId);
    yield { type: 'submitted', runs, engine: basename(this.target.engineName), jobId, found: true };
  }

  /** With `--max-queued`, waits until one of the launch's jobs has left the engine. */
  async *#waitForRoom(): AsyncGenerator<LaunchEvent> {
    const { maxQueued, engine } = this.target;
    if (maxQueued === undefined) return;
    let reported = false;
    while (this.#queued.length >= maxQueued && !this.signal.aborted) {
      const { answers, trouble } = await pollJobs(engine, this.#queued);
      if (trouble === undefined) {
        const left = this.#queued.filter((id) => !hasLeft(answers.get(id)?.state ?? 'unknown'));
        this.#queued.splice(0, this.#queued.length, ...left);
      }
      if (this.#queued.length < maxQueued) return;
      if (!reported) {
        const words = trouble ?? `${this.#queued.length} of its jobs are in the queue, as many as --max-queued allows`;
        yield { type: 'waiting', engine: engine.title, words, seconds: queueLook };
      }
      reported = true;
      await sleep(queueLook * 1000, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }
}

/** A run whose job may not have ended yet. */
function openJob(store: string, id: number | undefined): { readonly id: number; readonly jobId: string } | undefined {
  const run = id === undefined ? undefined : readRun(store, id);
  if (run?.kind !== 'run' || run.jobId === undefined || isFinalStatus(run.status.status)) return undefined;
  return { id: run.id, jobId: run.jobId };
}

const noJobs: JobDependencies = { ok: [], any: [], fail: [] };

const hasLeft = (state: string) => state === 'gone' || isFinalStatus(state);

function* groupsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
