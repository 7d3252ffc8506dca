import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import chunk from 'lodash/chunk.js';
import { flushFile } from '../../core/atomic-file.js';
import {
  type BatchEngine,
  type EngineLimits,
  type JobDependencies,
  type JobRequest,
  pollJobs,
  queueOf,
  type Submission,
  submitJob,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { renderJobBody, renderTaskScript } from '../../script/index.js';
import {
  arrayPaths,
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
import type { Launch, LaunchEvent, LaunchedRun } from '../here/work.js';
import { failUnstarted, recordFailure } from '../make/fail-unstarted.js';
import { commonPart, supervisorWords } from '../make/run-files.js';
import { beginLaunch, type LaunchOrigin, type RunMaker, type RunPart, writeBeside } from '../make/run-maker.js';
import { supervisorIn } from '../make/runtime.js';
import { type Plan, planRuns } from '../plan/plan.js';
import { type JobPlan, jobShape, nameable, runRequest } from './job-plan.js';

/** Makes the runs of a plan and submits them as jobs; the events end when all that can be is submitted. */
export function launchJobs(plan: Plan, jobs: JobPlan, limits: EngineLimits, origin: LaunchOrigin): Launch {
  return stoppable(async function* (signal) {
    const waits = await waitsOf(plan.settings.logger.parent_log_dir, jobs);
    const named = { ...jobs, queueName: queueOf(jobs, limits) };
    const begun = beginLaunch(plan, origin, limitsElsewhere(plan), named);
    const { launch, store, maker } = begun;
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const submitter = new Submitter(maker, jobs, limits, signal, waits);
      yield* submitter.submit(newParts(maker, plan), plan.count);
      done = submitter.allSubmitted;
    } finally {
      await begun.finish(done);
    }
  });
}

/** The limits of a launch whose runs this process does not carry out: they are the engine's affair, or the queue's. */
export const limitsElsewhere = ({ settings }: Plan) => ({
  parallel: 1,
  walltime: undefined,
  failFast: false,
  grace: settings.grace,
});

/** A launch whose events look themselves whether it was stopped. */
export function stoppable(events: (signal: AbortSignal) => AsyncGenerator<LaunchEvent>): Launch {
  const control = new AbortController();
  return { events: events(control.signal), stop: () => control.abort() };
}

/** What the runs of a launch wait for: what is left of it, and the jobs by which the engine knows it; or why it can't come about. */
export type Waits = Settled & { readonly jobs?: JobDependencies | undefined };

/** Looks at what a launch is to wait for. Throws what `settleDependencies` and `jobsToAwait` throw. */
export async function waitsOf(store: string, jobs: JobPlan): Promise<Waits> {
  const settled = await settleDependencies(store, jobs.after);
  return settled.kind === 'unmet' ? settled : { ...settled, jobs: jobsToAwait(store, settled, jobs) };
}

/** A run that is to be submitted; its directory is made, or made ready again, just before. */
export interface Part {
  /** The number of its point in the launch. */
  readonly point: number;
  /** Gives the run as it is with this submission. */
  prepare(part: RunPart & { readonly token: string }): LaunchedRun;
}

function* newParts(maker: RunMaker, plan: Plan): Generator<Part> {
  for (const spec of planRuns(plan)) yield { point: spec.point.index, prepare: (part) => maker.make(spec, part).run };
}

/** Seconds between looks at the queue while it is as full as `--max-queued` allows. */
const queueLook = 5;

/** Submits runs of one launch, each exactly once. */
export class Submitter {
  readonly #queued: string[] = [];
  #submitted = 0;
  #total = 0;
  #refused = 0;
  #refusal = '';

  constructor(
    readonly maker: RunMaker,
    readonly jobs: JobPlan,
    readonly limits: EngineLimits,
    readonly signal: AbortSignal,
    readonly waits: Waits,
  ) {}

  /** Whether nothing is left for another time. */
  get allSubmitted(): boolean {
    return this.#submitted === this.#total;
  }

  /**
   * Submits runs, one job each or as arrays. Throws `submission-failed` where the engine refuses, or takes no more.
   */
  async *submit(parts: Iterable<Part>, count: number): AsyncGenerator<LaunchEvent> {
    this.#total += count;
    if (this.waits.kind === 'unmet') {
      yield* this.#giveUp(parts, this.waits.reason);
      return;
    }
    const { arrays: wanted, count: jobCount } = jobShape(this.jobs, count);
    const { jobs: awaited } = this.waits;
    const arrays = wanted && (!awaited || (this.jobs.engine.arrayWaits?.(awaited) ?? true));
    if (!arrays && this.jobs.pack === 1) yield* this.#submitSingly(parts);
    else yield* this.#submitTasks(parts, arrays ? this.#tasksPerArray(jobCount) : 1);
    if (this.#refused > 0) this.#fail(this.#refusal, 'refused');
  }

  #fail(words: string, outcome: 'refused' | 'not-now' | 'unknown'): never {
    const { launch } = this.maker.context;
    const engine = this.jobs.engine.title;
    return fail({
      reason: 'submission-failed',
      engine,
      words,
      launch,
      submitted: this.#submitted,
      total: this.#total,
      outcome,
    });
  }

  /** Runs whose dependency has failed already are not submitted; they are on record as failed. */
  *#giveUp(parts: Iterable<Part>, reason: string): Generator<LaunchEvent> {
    for (const part of parts) {
      const run = part.prepare({ token: newId(), task: undefined, after: undefined });
      this.#submitted++;
      yield failUnstarted(run, reason);
    }
  }

  /** What the run of a point waits for. */
  #waitsAt(point: number): { after: Dependencies | undefined; jobs: JobDependencies | undefined } {
    const { waits, jobs: plan, maker } = this;
    const { after = noDependencies, jobs = noJobs } = waits.kind === 'open' ? waits : {};
    const previous = plan.chain ? openJob(maker.context.store, maker.runBefore(point)) : undefined;
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
      // By its token it is found again, whatever happens from here on.
      await flushFile(runPaths.job(run.directory));
      const { plan, store } = this.maker.context;
      const request = { ...runRequest(this.jobs, run, plan.settings.scheduler.shell_path, store), after: jobs };
      yield* this.send([run], request, (jobId) => recordJobId(run, jobId));
    }
  }

  /** As many tasks as an array may have, evenly spread over as few arrays as that allows. */
  #tasksPerArray(jobCount: number): number {
    if (this.jobs.submit) return jobCount;
    const most = this.limits.arrayTasks ?? jobCount;
    return Math.ceil(jobCount / Math.ceil(jobCount / most));
  }

  async *#submitTasks(parts: Iterable<Part>, tasksEach: number): AsyncGenerator<LaunchEvent> {
    const { pack } = this.jobs;
    for (const group of groupsOf(parts, tasksEach * pack)) {
      yield* this.#waitForRoom();
      if (this.signal.aborted) return;
      const array = this.maker.nextArray();
      const token = newId();
      const { after } = this.#waitsAt(0);
      const runs = group.map((part, i) =>
        part.prepare({ token, task: { array, index: Math.floor(i / pack) + 1 }, after }),
      );
      const request = this.#writeTaskScript(array, token, chunk(runs, pack));
      yield* this.sendArray(array, runs, request);
    }
  }

  /** Submits an array, or the one job of a pack, whose script and map are there; `more` are runs that were not counted yet. */
  async *sendArray(
    array: number,
    runs: readonly LaunchedRun[],
    request: JobRequest,
    more = 0,
  ): AsyncGenerator<LaunchEvent> {
    this.#total += more;
    const { launch, store } = this.maker.context;
    const unsent = { token: request.token, jobId: undefined, taskIds: undefined, taskPattern: undefined };
    writeArray(store, launch, array, unsent);
    yield* this.send(runs, request, (jobId, taskIds) => this.recordArray(array, request, jobId, taskIds));
  }

  /** Puts the id of a run's own job on record. */
  recordRun(run: LaunchedRun, jobId: string): void {
    recordJobId(run, jobId);
  }

  /** Puts an array's id on record. */
  recordArray(array: number, request: JobRequest, jobId: string, taskIds: readonly string[] | undefined): void {
    const { launch, store } = this.maker.context;
    const taskPattern = request.array && this.jobs.engine.taskPattern(jobId);
    const step = this.jobs.submit?.step ?? 1;
    const spread =
      step > 1 && taskPattern !== undefined ? spreadIds(taskPattern, request.array?.count ?? 0, step) : undefined;
    writeArray(store, launch, array, { token: request.token, jobId, taskIds: taskIds ?? spread, taskPattern });
  }

  #writeTaskScript(array: number, token: string, tasks: readonly (readonly LaunchedRun[])[]): JobRequest {
    const { launch, store, runtime, plan } = this.maker.context;
    const paths = arrayPaths(store, launch, array);
    mkdirSync(dirname(paths.script), { recursive: true });
    writeFileSync(paths.map, tasks.map((runs) => `${runs.map(({ id }) => id).join(' ')}\n`).join(''));
    const request = this.taskRequest(array, token, tasks);
    const { engine } = this.jobs;
    const { job } = plan;
    const text = renderTaskScript({
      shell: plan.settings.scheduler.shell_path,
      directives: engine.directives(request),
      supervisor: supervisorIn(runtime),
      map: paths.map,
      index: request.array ? placeInArray(engine, this.jobs.submit?.step ?? 1) : '1',
      jobId: request.array ? engine.task.jobId : `"$${engine.idVariable}"`,
      supervisorWords: supervisorWords(engine, { ...request, stdout: '', stderr: '' }),
      tasks: job && { ...commonPart(this.maker.context), body: renderJobBody(job), script: paths.script },
    });
    writeFileSync(paths.script, text);
    chmodSync(paths.script, 0o755);
    if (job) writeBeside(job, text);
    return request;
  }

  /** The job of an array, or of one pack; what its engine itself says goes to one file of the launch. */
  taskRequest(array: number, token: string, tasks: readonly (readonly { readonly id: number }[])[]): JobRequest {
    const { launch, store, plan } = this.maker.context;
    const { engine, resources, options, maxRunning } = this.jobs;
    const paths = arrayPaths(store, launch, array);
    const ids = tasks.flat().map(({ id }) => id);
    const span = `${ids[0]}-${ids.at(-1)}`;
    const log = nameable(engine, paths.log);
    return {
      name: engine.nameOf(resources.name ?? `${basename(store)}/${span}`),
      stdout: log,
      stderr: log,
      script: paths.script,
      shell: plan.settings.scheduler.shell_path,
      token,
      resources,
      options,
      array: tasks.length > 1 ? { count: tasks.length, maxRunning } : undefined,
      after: this.#waitsAt(0).jobs,
      submit: this.jobs.submit?.words,
    };
  }

  /** Submits one job, retrying as `submitJob` does. */
  async *send(
    runs: readonly LaunchedRun[],
    request: JobRequest,
    record: (jobId: string, taskIds: readonly string[] | undefined) => void,
  ): AsyncGenerator<LaunchEvent> {
    const { engine, engineName } = this.jobs;
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
    switch (result.kind) {
      case 'accepted':
        record(result.jobId, result.taskIds);
        this.#submitted += runs.length;
        this.#queued.push(result.jobId);
        yield { type: 'submitted', runs, engine: nameOf(engineName), jobId: result.jobId, found: false };
        return;
      case 'refused':
        this.#refused += runs.length;
        this.#refusal ||= result.words;
        for (const run of runs) recordFailure(run, `${engine.title} refused it: ${result.words}`);
        yield { type: 'refused', runs, engine: engine.title, words: result.words };
        if (this.jobs.onSubmitError === 'stop') this.#fail(result.words, 'refused');
        return;
      case 'unknown':
        return this.#fail(result.words, 'unknown');
      case 'given-up':
        return this.#fail(result.words, 'not-now');
    }
  }

  /** A run that the engine turned out to have already. */
  *adopted(runs: readonly LaunchedRun[], jobId: string): Generator<LaunchEvent> {
    this.#total += runs.length;
    this.#submitted += runs.length;
    this.#queued.push(jobId);
    yield { type: 'submitted', runs, engine: nameOf(this.jobs.engineName), jobId, found: true };
  }

  /** With `--max-queued` waits until one of the launch's jobs has left the engine. */
  async *#waitForRoom(): AsyncGenerator<LaunchEvent> {
    const { maxQueued, engine } = this.jobs;
    if (maxQueued === undefined) return;
    let told = false;
    while (this.#queued.length >= maxQueued && !this.signal.aborted) {
      const { answers, trouble } = await pollJobs(engine, this.#queued);
      if (trouble === undefined) {
        const left = this.#queued.filter((id) => !hasLeft(answers.get(id)?.state ?? 'unknown'));
        this.#queued.splice(0, this.#queued.length, ...left);
      }
      if (this.#queued.length < maxQueued) return;
      if (!told) {
        const words = trouble ?? `${this.#queued.length} of its jobs are in the queue, as many as --max-queued allows`;
        yield { type: 'waiting', engine: engine.title, words, seconds: queueLook };
      }
      told = true;
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

/** The place of a task among those of its array, from 1, where their indexes lie `step` apart. */
const placeInArray = ({ task }: BatchEngine, step: number) =>
  step === 1 ? task.index : `"$(((${task.index.replaceAll('"', '')} - 1) / ${step} + 1))"`;

const spreadIds = (pattern: string, count: number, step: number) =>
  Array.from({ length: count }, (_, i) => pattern.replace('{task}', String(1 + i * step)));

const noJobs: JobDependencies = { ok: [], any: [], fail: [] };

const hasLeft = (state: string) => state === 'gone' || isFinalStatus(state);

/** A short name, where the engine is a module: that of its file. */
const nameOf = (engineName: string) => basename(engineName);

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

function recordJobId({ directory }: LaunchedRun, jobId: string): void {
  const job = readJob(directory);
  if (job) writeJob(directory, { ...job, jobId }, { flush: true });
}
