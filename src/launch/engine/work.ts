import { basename } from 'node:path';
import chunk from 'lodash/chunk.js';
import { flushFile } from '../../core/atomic-file.js';
import { currentUmask } from '../../core/umask.js';
import { userName } from '../../core/user-name.js';
import {
  type EngineLimits,
  type JobDependencies,
  type JobRequest,
  type Submission,
  splitJobId,
  submitJob,
  taskPatternOf,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  type Dependencies,
  newId,
  noDependencies,
  readJob,
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
import { jobShape, tasksPerArray } from './array-shape.js';
import { runRequest } from './job-request.js';
import { openJob, Room } from './room.js';
import type { NextTurn, OpenJob } from './turns.js';

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

/** Submits runs of one launch, each exactly once. */
export class Submitter {
  readonly maker: RunMaker;
  readonly target: EngineTarget;
  readonly signal: AbortSignal;
  readonly #limits: EngineLimits;
  readonly #waits: Waits;
  readonly #room: Room;
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
    this.#room = new Room(maker.context.store, target, signal);
  }

  /** Whether nothing is left for another time. */
  get allSubmitted(): boolean {
    return this.#submitted === this.#total;
  }

  /** With `--max-running`, these jobs of the launch are to be waited for. */
  queueBehind(open: readonly OpenJob[]): void {
    this.#room.queueBehind(open);
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
    else yield* this.#submitTasks(parts, arrays ? tasksPerArray(this.target, jobCount, this.#limits) : 1);
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

  /** What the run of a point waits for, beside the turn of its job. */
  #waitsAt(point: number, next?: NextTurn): { after: Dependencies | undefined; jobs: JobDependencies | undefined } {
    const waits = this.#waits;
    const { after = noDependencies, jobs = noJobs } = waits.kind === 'open' ? waits : {};
    const { store } = this.maker.context;
    const previous = this.target.chain ? openJob(store, this.maker.runBefore(point)) : undefined;
    const ahead = [...(previous ? [previous.jobId] : []), ...(next?.jobIds ?? [])];
    const any = [...new Set([...jobs.any, ...ahead.map((jobId) => splitJobId(jobId).id)])];
    return { after: behind(after, previous?.id), jobs: ahead.length === 0 ? waits.jobs : { ...jobs, any } };
  }

  async *#submitSingly(parts: Iterable<Part>): AsyncGenerator<LaunchEvent> {
    for (const part of parts) {
      const next = yield* this.#room.waitFor(1);
      if (this.signal.aborted) return;
      const { after, jobs } = this.#waitsAt(part.point, next);
      const run = part.prepare({ token: newId(), task: undefined, after, turn: next?.turn });
      // By its token the job is found again, whatever happens from here on.
      await flushFile(runPaths.job(run.directory));
      const { plan, store } = this.maker.context;
      const request = {
        ...runRequest(this.target, run, plan.settings.scheduler.shell_path, store),
        directory: plan.cwd,
        umask: currentUmask(),
        after: jobs,
      };
      yield* this.#send([run], request, (accepted) => this.recordRun(run, accepted), next);
    }
  }

  async *#submitTasks(parts: Iterable<Part>, tasksEach: number): AsyncGenerator<LaunchEvent> {
    const { pack } = this.target;
    for (const group of groupsOf(parts, tasksEach * pack)) {
      const next = yield* this.#room.waitFor(Math.ceil(group.length / pack));
      if (this.signal.aborted) return;
      const number = this.maker.nextArray();
      const token = newId();
      const { after } = this.#waitsAt(0);
      const runs = group.map((part, i) =>
        part.prepare({
          token,
          task: { array: number, index: Math.floor(i / pack) + 1 },
          after,
          turn: next?.turn,
        }),
      );
      const array = { number, token, tasks: chunk(runs, pack) };
      const request = this.requestFor(array, next);
      writeArrayFiles(this.maker.context, this.target, array, request);
      yield* this.#sendArray(array, request, next);
    }
  }

  /** Returns the request for the job of an array, or of one pack. */
  requestFor(array: TaskArray<{ readonly id: number }>, next?: NextTurn): JobRequest {
    return arrayRequest(this.maker.context, this.target, array, this.#waitsAt(0, next).jobs);
  }

  /**
   * Submits an array of an earlier process, whose script and map are there, and whose runs are not counted
   * yet.
   */
  async *sendLost(array: TaskArray<LaunchedRun>): AsyncGenerator<LaunchEvent> {
    this.#total += array.tasks.flat().length;
    const next = yield* this.#room.waitFor(array.tasks.length);
    if (!this.signal.aborted) yield* this.#sendArray(array, this.requestFor(array, next), next);
  }

  async *#sendArray(
    array: TaskArray<LaunchedRun>,
    request: JobRequest,
    next: NextTurn | undefined,
  ): AsyncGenerator<LaunchEvent> {
    const { launch, store } = this.maker.context;
    const unsent = { token: request.token, jobId: undefined, taskIds: undefined, taskPattern: undefined };
    writeArray(store, launch, array.number, unsent);
    const record = (accepted: Accepted) => this.recordArray(array.number, request, accepted);
    yield* this.#send(array.tasks.flat(), request, record, next);
  }

  /** Records the id of a run's own job. */
  recordRun({ id, directory, token }: LaunchedRun, { jobId, at }: Omit<Accepted, 'taskIds'>): void {
    const job = readJob(directory);
    const { plan, store } = this.maker.context;
    const { name } = runRequest(this.target, { id, directory, token }, plan.settings.scheduler.shell_path, store);
    const submitted = { name, user: userName(), at };
    if (job) writeJob(directory, { ...job, jobId, submitted }, { flush: true });
  }

  /** Records an array's id. */
  recordArray(number: number, request: JobRequest, { jobId, taskIds, at }: Accepted): void {
    const { launch, store } = this.maker.context;
    const taskPattern = request.array && taskPatternOf(this.target.engine, jobId);
    const spread = spreadIds(taskPattern, request.array?.count ?? 0, stepOf(this.target));
    const submitted = { name: request.name, user: userName(), at };
    const record = { token: request.token, jobId, taskIds: taskIds ?? spread, taskPattern, submitted };
    writeArray(store, launch, number, record);
  }

  /** Submits one job, retrying as `submitJob` does. */
  async *#send(
    runs: readonly LaunchedRun[],
    request: JobRequest,
    record: (accepted: Accepted) => void,
    next: NextTurn | undefined,
  ): AsyncGenerator<LaunchEvent> {
    const { engine, engineName, onSubmitError } = this.target;
    const result = yield* this.#submission(request);
    switch (result.kind) {
      case 'accepted':
        record({ ...result, at: Date.now() / 1000 });
        this.#submitted += runs.length;
        this.#room.add({ id: result.jobId, token: request.token }, runs, { tasks: request.array?.count ?? 1, next });
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
    this.#room.add({ id: jobId, token: runs[0]?.token }, runs, { tasks: runs.length });
    yield { type: 'submitted', runs, engine: basename(this.target.engineName), jobId, found: true };
  }
}

/** A job that the engine has accepted; `at` is when, in seconds since 1970, if mlx was there. */
interface Accepted {
  readonly jobId: string;
  readonly taskIds?: readonly string[] | undefined;
  readonly at: number | undefined;
}

const noJobs: JobDependencies = { ok: [], any: [], fail: [] };

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
