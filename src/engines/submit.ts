import { setTimeout as sleep } from 'node:timers/promises';
import { byCluster, commandAt, idInCluster, taskPatternOf } from './clusters.js';
import { runCommand } from './command.js';
import type { BatchEngine, EngineCommand, JobRequest, SubmitOutcome } from './engine.js';
import { firstWords } from './output.js';
import { findJobs } from './poll.js';

/** The result of submitting a job. */
export type Submission =
  | Extract<SubmitOutcome, { kind: 'accepted' | 'refused' }>
  /** The engine accepts no more jobs now, or can't be reached, after enough tries. It has not the job. */
  | { readonly kind: 'given-up'; readonly words: string; readonly limit: boolean }
  /** The signal ended the wait. The engine has not the job. */
  | { readonly kind: 'interrupted'; readonly words: string }
  /** It is unknown whether the job exists; the next `mlx resume` looks again. */
  | { readonly kind: 'unknown'; readonly words: string };

/** How to wait while a job can't be submitted. */
export interface WaitPolicy {
  /** Called before a pause: the engine's words, the pause in seconds, and whether they name a limit. */
  readonly onWait: (words: string, seconds: number, limit: boolean) => void;
  /** Ends the wait, and what goes on in it. */
  readonly signal: AbortSignal;
  /**
   * At a limit on the number of jobs: `return` at once, `wait` as for other temporary reasons, or `stay`
   * until the job goes in.
   */
  readonly atLimit: 'return' | 'wait' | 'stay';
}

const firstPause = 2;
const longestPause = 30;
/** Total seconds of pauses after which `mlx resume` must do the rest. */
const patience = 120;
/**
 * Seconds after which a submission has either arrived or never will. With a frozen Slurm one arrived 14 s
 * after its `sbatch` failed.
 */
const secondLook = 20;

/**
 * Submits a job exactly once. After a temporary failure it tries again, with growing pauses. If it is unknown
 * whether the job exists, it asks the engine, twice with a pause, before it tries again.
 */
export async function submitJob(engine: BatchEngine, job: JobRequest, waiting: WaitPolicy): Promise<Submission> {
  const { onWait, signal, atLimit } = waiting;
  let waited = 0;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const outcome = await submitOnce(engine, job, signal);
    if (outcome.kind === 'accepted' || outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'unknown') {
      if (signal.aborted) return outcome;
      onWait(outcome.words, secondLook, false);
      const found = await lookForJob(engine, job, signal);
      if (found === 'silent') return { kind: 'unknown', words: outcome.words };
      if (found) return adopt(engine, found, job);
      if (signal.aborted) return { kind: 'interrupted', words: outcome.words };
      continue;
    }
    const { words, limit } = outcome;
    if (signal.aborted) return { kind: 'interrupted', words };
    const isOver = limit ? atLimit === 'return' || (atLimit === 'wait' && waited >= patience) : waited >= patience;
    if (isOver) return { kind: 'given-up', words, limit };
    onWait(words, pause, limit);
    waited += pause;
    await pauseFor(pause, signal);
    if (signal.aborted) return { kind: 'interrupted', words };
  }
}

/** Returns the command that submits a job, with the user's own submission command if there is one. */
export function submissionOf(engine: BatchEngine, job: JobRequest): EngineCommand {
  const { argv, ...rest } = commandAt(engine, engine.submission(job), job.cluster);
  const [, ...words] = argv;
  return { ...rest, argv: job.submit ? [...job.submit, ...words] : argv };
}

async function submitOnce(engine: BatchEngine, job: JobRequest, signal: AbortSignal): Promise<SubmitOutcome> {
  const command = submissionOf(engine, job);
  const result = await runCommand(command, 'submission', signal);
  if (result.missing) return { kind: 'refused', words: `${command.argv[0]} is not on this machine` };
  const outcome = engine.readSubmission(result, job);
  if (outcome.kind !== 'accepted') return outcome;
  return { ...outcome, jobId: idInCluster(outcome.jobId, outcome.cluster ?? job.cluster) };
}

/** Returns the `accepted` result for a job that exists although its submission got no answer. */
export function adopt(engine: BatchEngine, jobId: string, { array }: Pick<JobRequest, 'array'>): Submission {
  if (!array || taskPatternOf(engine, jobId) !== undefined) return { kind: 'accepted', jobId };
  // The engine gave the tasks consecutive ids.
  return { kind: 'accepted', jobId, taskIds: Array.from({ length: array.count }, (_, i) => String(Number(jobId) + i)) };
}

/**
 * Looks for a job by its token until the engine has answered twice. Returns its id, undefined, or `silent` if
 * it did not answer.
 */
async function lookForJob(
  engine: BatchEngine,
  { token, cluster }: Pick<JobRequest, 'token' | 'cluster'>,
  signal: AbortSignal,
): Promise<string | 'silent' | undefined> {
  let waited = 0;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const found = await findJobs({ engine, cluster, signal }, [token]);
    const jobId = found?.get(token);
    if (jobId !== undefined) return jobId;
    if (found) break;
    if (waited >= patience || signal.aborted) return 'silent';
    waited += pause;
    await pauseFor(pause, signal);
  }
  await pauseFor(secondLook, signal);
  if (signal.aborted) return 'silent';
  const again = await findJobs({ engine, cluster, signal }, [token]);
  return again ? again.get(token) : 'silent';
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  // If the signal ends the pause early, the caller checks the signal.
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

/** What an engine can be told about jobs. */
type Telling = 'cancel' | 'hold' | 'release' | 'requeue' | 'clear';

/** Cancels, holds, … jobs. Returns the engine's words if that failed, else undefined. */
export async function tellEngine(
  engine: BatchEngine,
  what: Telling,
  jobIds: readonly string[],
): Promise<string | undefined> {
  for (const { cluster, jobs } of byCluster(jobIds.map((id) => ({ id })))) {
    const words = await tellCluster(
      { engine, cluster },
      what,
      jobs.map(({ id }) => id),
    );
    if (words !== undefined) return words;
  }
  return undefined;
}

async function tellCluster(
  { engine, cluster }: { readonly engine: BatchEngine; readonly cluster: string | undefined },
  what: Telling,
  jobIds: readonly string[],
): Promise<string | undefined> {
  // A command line has a limited length.
  for (let from = 0; from < jobIds.length; from += 4000) {
    const command = engine[what]?.(jobIds.slice(from, from + 4000));
    if (!command) return `${engine.title} can't do that`;
    const result = await runCommand(commandAt(engine, command, cluster), 'question');
    if (result.missing) return `${command.argv[0]} is not on this machine`;
    if (result.timedOut) return `${command.argv[0]} did not answer`;
    // A job that has ended meanwhile is no failure.
    if (result.exitCode !== 0 && !engine.isHarmless(result))
      return firstWords(result) || `exit code ${result.exitCode}`;
  }
  return undefined;
}
