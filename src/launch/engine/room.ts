import { setTimeout as sleep } from 'node:timers/promises';
import { pollJobs } from '../../engines/index.js';
import { isFinalStatus, isOver, type JobRef, readRun } from '../../store/index.js';
import { EngineAsker, runsNow } from '../../tracking/index.js';
import type { LaunchEvent, LaunchedRun } from '../events.js';
import type { EngineTarget } from '../target.js';
import { type NextTurn, nextTurn, type OpenJob } from './turns.js';

/**
 * Seconds between looks at the queue while it is as full as `--max-queued` allows, or `--max-running` where
 * the engine can't make jobs wait.
 */
const queueLook = 5;

/** The jobs of one launch that may still be in the engine, and whether there is room for another one. */
export class Room {
  /** The jobs that were submitted here. */
  readonly #queued: JobRef[] = [];
  /** With `--max-running`, the jobs behind which the next one queues up. */
  #open: OpenJob[] = [];

  constructor(
    readonly store: string,
    readonly target: EngineTarget,
    readonly signal: AbortSignal,
  ) {}

  /** With `--max-running`, these jobs of the launch are to be waited for, and no others. */
  queueBehind(open: readonly OpenJob[]): void {
    this.#open = [...open];
  }

  /** Counts jobs of the launch that were submitted before, for `--max-queued`. */
  count(jobs: readonly JobRef[]): void {
    this.#queued.splice(0, this.#queued.length, ...jobs);
  }

  /** Counts a job that the engine has, with the number of its tasks. */
  add(
    job: JobRef,
    runs: readonly LaunchedRun[],
    { tasks, next }: { readonly tasks: number; readonly next?: NextTurn | undefined },
  ): void {
    this.#queued.push(job);
    const { lane, order = 0 } = next?.turn ?? {};
    this.#open.push({ jobId: job.id, runs: runs.map(({ id }) => id), tasks, lane, order });
  }

  /**
   * Waits until a job of `tasks` tasks may be submitted: with `--max-queued`, until one of the launch's jobs
   * has left the engine. Returns its turn among the others, if only so many of them may run at once; an
   * engine that can't make jobs wait gets it when its turn has come.
   */
  async *waitFor(tasks: number): AsyncGenerator<LaunchEvent, NextTurn | undefined> {
    const { engine, maxQueued = Number.POSITIVE_INFINITY, maxRunning } = this.target;
    const isFed = maxRunning !== undefined && !engine.dependency;
    for (let reported = false; ; reported = true) {
      if (this.signal.aborted || !this.#isFull(tasks)) return this.#nextTurn(tasks);
      const trouble = isFed ? await this.#lookAtOpen() : await this.#lookAtQueue();
      if (this.signal.aborted || !this.#isFull(tasks)) continue;
      if (!reported) {
        const full =
          this.#queued.length >= maxQueued
            ? `${this.#queued.length} of its jobs are in the queue, as many as --max-queued allows`
            : 'as many of its jobs as --max-running allows are in the queue, and it can make none wait';
        yield { type: 'waiting', engine: engine.title, words: trouble ?? full, seconds: queueLook };
      }
      await sleep(queueLook * 1000, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** Forgets the jobs that have left the engine. Returns its words if it did not answer. */
  async #lookAtQueue(): Promise<string | undefined> {
    const { answers, trouble } = await pollJobs(this.target.engine, this.#queued, this.signal);
    if (trouble === undefined) this.#forget((id) => hasLeft(answers.get(id)?.state ?? 'unknown'));
    return trouble;
  }

  /** The same, by what is known of the runs. */
  async #lookAtOpen(): Promise<string | undefined> {
    const { store } = this;
    const ids = this.#open.flatMap(({ runs }) => runs);
    const view = new EngineAsker(store);
    const over = new Set(
      (await runsNow(store, ids, view)).filter(({ status }) => isOver(status.status)).map(({ id }) => id),
    );
    const ended = new Set(this.#open.filter((job) => job.runs.every((id) => over.has(id))).map(({ jobId }) => jobId));
    this.#forget((id) => ended.has(id));
    return view.troubles[0]?.words;
  }

  #forget(hasEnded: (jobId: string) => boolean): void {
    const left = this.#queued.filter(({ id }) => !hasEnded(id));
    this.#queued.splice(0, this.#queued.length, ...left);
    this.#open = this.#open.filter(({ jobId }) => !hasEnded(jobId));
  }

  #isFull(tasks: number): boolean {
    const { engine, maxQueued = Number.POSITIVE_INFINITY } = this.target;
    if (this.#queued.length >= maxQueued) return true;
    return !engine.dependency && (this.#nextTurn(tasks)?.jobIds.length ?? 0) > 0;
  }

  #nextTurn(tasks: number): NextTurn | undefined {
    const { maxRunning } = this.target;
    if (maxRunning === undefined) return undefined;
    for (;;) {
      const next = nextTurn(this.#open, maxRunning, tasks);
      const ended = this.#open.find(
        (job) => next.jobIds.includes(job.jobId) && job.lane !== undefined && this.#isOver(job),
      );
      if (!ended) return next;
      this.#open = this.#open.filter((job) => job !== ended);
    }
  }

  /** Whether the runs of a job show that it has ended. */
  #isOver({ runs }: OpenJob): boolean {
    const { store } = this;
    return runs.every((id) => openJob(store, id) === undefined);
  }
}

/** A run whose job may not have ended yet. */
export function openJob(
  store: string,
  id: number | undefined,
): { readonly id: number; readonly jobId: string } | undefined {
  const run = id === undefined ? undefined : readRun(store, id);
  if (run?.kind !== 'run' || run.jobId === undefined || isFinalStatus(run.status.status)) return undefined;
  return { id: run.id, jobId: run.jobId };
}

const hasLeft = (state: string) => state === 'gone' || isFinalStatus(state);
