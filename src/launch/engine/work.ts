import { basename } from 'node:path';
import chunk from 'lodash/chunk.js';
import { flushFile } from '../../core/atomic-file.js';
import { currentUmask } from '../../core/umask.js';
import { userName } from '../../core/user-name.js';
import {
  type EngineLimits,
  type JobDependencies,
  type JobRequest,
  splitJobId,
  taskPatternOf,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  type Dependencies,
  type JobRef,
  newId,
  noDependencies,
  readJob,
  runPaths,
  writeArray,
  writeJob,
} from '../../store/index.js';
import { behind, jobsToAwait, type Settled, settleDependencies } from '../dependencies.js';
import type { LaunchEvent, LaunchedRun } from '../events.js';
import { failUnstarted, recordFailure, recordStop } from '../make/fail-unstarted.js';
import type { RunMaker, RunPart } from '../make/run-maker.js';
import type { EngineTarget } from '../target.js';
import { spreadIds, stepOf } from './array-ids.js';
import { arrayRequest, type TaskArray, writeArrayFiles } from './array-request.js';
import { jobShape, tasksPerArray } from './array-shape.js';
import { runRequest } from './job-request.js';
import { moveTo } from './move-runs.js';
import { openJob, Room } from './room.js';
import { submission } from './submission.js';
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

/**
 * What came of a submission: the engine took it, at once or after a wait; it has no room for as many jobs; or
 * it is not submitted, and why is on record.
 */
type Sent = 'sent' | 'waited' | 'no-room' | 'unsent';

/** What one submission is about. */
interface Sending {
  readonly runs: readonly LaunchedRun[];
  /** Runs that were made with these, to be submitted after them. */
  readonly rest: readonly LaunchedRun[];
  /** The turn of the job, with `--max-running`. */
  readonly next: NextTurn | undefined;
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
    // The array of a user's own submission is the whole launch: a part of it goes one by one.
    const fits = !this.target.submit || count === this.maker.context.plan.count;
    const arrays = wanted && fits && (!awaited || (this.target.engine.arrayWaits?.(awaited) ?? true));
    if (!arrays && this.target.pack === 1) yield* this.#submitSingly(parts);
    else yield* this.#submitTasks(parts, arrays ? tasksPerArray(this.target, jobCount, this.#limits) : 1);
    if (this.#refused > 0) this.#fail(this.#refusal, 'refused');
  }

  #fail(words: string, outcome: 'refused' | 'not-now' | 'limit' | 'unknown'): never {
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
      yield* this.#send({ runs: [run], rest: [], next }, request, (accepted) => this.recordRun(run, accepted));
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
      yield* this.#submitInPieces({ number, token, tasks: chunk(runs, pack) }, next);
    }
  }

  /**
   * Submits an array, whose runs are made. If the engine has no room for as many jobs, submits as many as it
   * has room for, and the rest as arrays of their own.
   */
  async *#submitInPieces(whole: TaskArray<LaunchedRun>, first: NextTurn | undefined): AsyncGenerator<LaunchEvent> {
    let next = first;
    let left = whole;
    let size = whole.tasks.length;
    while (left.tasks.length > 0) {
      const piece = { ...left, tasks: left.tasks.slice(0, size) };
      const rest = left.tasks.slice(size);
      const request = this.requestFor(piece, next);
      writeArrayFiles(this.maker.context, this.target, piece, request);
      const outcome = yield* this.#sendArray(piece, request, { rest: rest.flat(), next });
      if (outcome === 'unsent') return;
      if (this.signal.aborted) {
        const unsent = outcome === 'no-room' ? left.tasks : rest;
        for (const run of unsent.flat()) recordStop(run, 'interrupted before it was submitted');
        return;
      }
      if (outcome === 'no-room') {
        // The engine has none of it, so that a smaller array can have its number and token.
        size = Math.ceil(piece.tasks.length / 2);
        continue;
      }
      if (rest.length === 0) return;
      size = outcome === 'waited' ? piece.tasks.length * 2 : Math.max(1, Math.floor(piece.tasks.length / 2));
      next = yield* this.#room.waitFor(Math.min(size, rest.length));
      left = moveTo({ number: this.maker.nextArray(), token: newId(), tasks: rest }, next?.turn);
    }
  }

  /** Returns the request for the job of an array, or of one pack. */
  requestFor(array: TaskArray<{ readonly id: number }>, next?: NextTurn): JobRequest {
    return arrayRequest(this.maker.context, this.target, array, this.#waitsAt(0, next).jobs);
  }

  async *#sendArray(
    array: TaskArray<LaunchedRun>,
    request: JobRequest,
    others: Omit<Sending, 'runs'>,
  ): AsyncGenerator<LaunchEvent, Sent> {
    const { launch, store } = this.maker.context;
    const tasks = array.tasks.length;
    const unsent = { token: request.token, jobId: undefined, taskIds: undefined, taskPattern: undefined, tasks };
    writeArray(store, launch, array.number, unsent);
    const record = (accepted: Accepted) => this.recordArray(array.number, request, accepted);
    return yield* this.#send({ runs: array.tasks.flat(), ...others }, request, record);
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
    const ids = { jobId, taskIds: taskIds ?? spread, taskPattern };
    const submitted = { name: request.name, user: userName(), at };
    const tasks = request.array?.count ?? 1;
    writeArray(store, launch, number, { token: request.token, ...ids, submitted, tasks });
  }

  /**
   * Submits one job, retrying as `submitJob` does. If the engine does not take it, records why with its runs,
   * and with the `rest` that were made with them. Throws `submission-failed` if nothing more can be
   * submitted.
   */
  async *#send(
    { runs, rest, next }: Sending,
    request: JobRequest,
    record: (accepted: Accepted) => void,
  ): AsyncGenerator<LaunchEvent, Sent> {
    const { engine, engineName, onSubmitError, maxQueued } = this.target;
    const { result, waited } = yield* submission(engine, request, {
      signal: this.signal,
      // With --max-queued mlx was asked to stay.
      atLimit: this.#canShrink(request) ? 'return' : maxQueued === undefined ? 'wait' : 'stay',
      progress: { submitted: this.#submitted, total: this.#total },
    });
    const unsent = [...runs, ...rest];
    switch (result.kind) {
      case 'accepted':
        record({ ...result, at: Date.now() / 1000 });
        this.#submitted += runs.length;
        this.#room.add({ id: result.jobId, token: request.token }, runs, { tasks: request.array?.count ?? 1, next });
        yield { type: 'submitted', runs, engine: basename(engineName), jobId: result.jobId, found: false };
        return waited ? 'waited' : 'sent';
      case 'refused':
        this.#refused += unsent.length;
        this.#refusal ||= result.words;
        for (const run of unsent) recordFailure(run, `${engine.title} refused it: ${result.words}`);
        yield { type: 'refused', runs: unsent, engine: engine.title, words: result.words };
        if (onSubmitError === 'stop') this.#fail(result.words, 'refused');
        return 'unsent';
      case 'interrupted': {
        const said = result.words === '' ? '' : `; ${engine.title} said last: ${result.words}`;
        for (const run of unsent) recordStop(run, `interrupted before it was submitted${said}`);
        return 'unsent';
      }
      case 'unknown':
        for (const run of rest) recordStop(run, 'not submitted with the others of its array');
        // After an interruption the exit code and the last line say enough.
        return this.signal.aborted ? 'unsent' : this.#fail(result.words, 'unknown');
      case 'given-up':
        if (result.limit && this.#canShrink(request)) return 'no-room';
        for (const run of unsent)
          recordFailure(run, `not submitted: ${engine.title} takes no more jobs now: ${result.words}`);
        return this.#fail(result.words, result.limit ? 'limit' : 'not-now');
    }
  }

  /** Whether a smaller array may go in where this job does not. */
  #canShrink({ array, submit }: JobRequest): boolean {
    return array !== undefined && !submit && !this.target.engine.arrayIsOneJob;
  }

  /** Counts runs that the engine turned out to have already. */
  *adopted(runs: readonly LaunchedRun[], jobId: string): Generator<LaunchEvent> {
    this.#total += runs.length;
    this.#submitted += runs.length;
    this.#room.add({ id: jobId, token: runs[0]?.token }, runs, { tasks: runs.length });
    yield { type: 'submitted', runs, engine: basename(this.target.engineName), jobId, found: true };
  }

  /** Counts jobs that are in the engine already, for `--max-queued`. */
  count(jobs: readonly JobRef[]): void {
    this.#room.count(jobs);
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
