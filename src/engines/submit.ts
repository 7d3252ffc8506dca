import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './command.js';
import type { BatchEngine, EngineCommand, JobRequest, SubmitOutcome } from './engine.js';
import { firstWords } from './output.js';
import { findJobs } from './poll.js';

/** How a submission ended for now. */
export type Submission =
  | Extract<SubmitOutcome, { kind: 'accepted' | 'refused' }>
  /** The engine takes no more jobs for now, or can't be reached, and was tried long enough. */
  | { readonly kind: 'given-up'; readonly words: string; readonly limit: boolean }
  /** It may be there or not; the next `mlx resume` looks again. */
  | { readonly kind: 'unknown'; readonly words: string };

/** Told while it waits before another try. */
export type OnWait = (words: string, seconds: number) => void;

const firstPause = 2;
const longestPause = 30;
/** Seconds of pauses after which the rest is left to `mlx resume`. */
const patience = 120;
/** Seconds after which a submission that was under way has come in or never does: a frozen Slurm's came 14 s after its `sbatch` had failed. */
const secondLook = 20;

/**
 * Submits a job exactly once. What failed for a passing reason is tried again, with growing pauses. Of what may have come in or
 * not, the engine is asked, after it has answered again and once more a while later, before it is tried again.
 */
export async function submitJob(
  engine: BatchEngine,
  job: JobRequest,
  onWait: OnWait,
  signal: AbortSignal,
): Promise<Submission> {
  let waited = 0;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const outcome = await submitOnce(engine, job);
    if (outcome.kind === 'accepted' || outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'unknown') {
      onWait(outcome.words, secondLook);
      const found = await lookForJob(engine, job.token, signal);
      if (found === 'silent') return { kind: 'unknown', words: outcome.words };
      if (found) return adopt(engine, found, job);
      continue;
    }
    const { words, limit } = outcome;
    if (waited >= patience || signal.aborted) return { kind: 'given-up', words, limit };
    onWait(words, pause);
    waited += pause;
    await pauseFor(pause, signal);
  }
}

/** The command that submits a job, in its user's words where there are some. */
export function submissionOf(engine: BatchEngine, job: JobRequest): EngineCommand {
  const { argv, ...rest } = engine.submission(job);
  const [, ...words] = argv;
  return { ...rest, argv: job.submit ? [...job.submit, ...words] : argv };
}

async function submitOnce(engine: BatchEngine, job: JobRequest): Promise<SubmitOutcome> {
  const command = submissionOf(engine, job);
  const result = await runCommand(command, 'submission');
  if (result.missing) return { kind: 'refused', words: `${command.argv[0]} is not on this machine` };
  return engine.readSubmission(result, job);
}

/** A job that came in though its submission was not answered, as that answer would have told it. */
export function adopt(engine: BatchEngine, jobId: string, { array }: Pick<JobRequest, 'array'>): Submission {
  if (!array || engine.taskPattern(jobId) !== undefined) return { kind: 'accepted', jobId };
  // Ids that are numbered on were handed out in one go.
  return { kind: 'accepted', jobId, taskIds: Array.from({ length: array.count }, (_, i) => String(Number(jobId) + i)) };
}

/** Looks for a submission until the engine has answered twice; `silent` where it does not. */
async function lookForJob(
  engine: BatchEngine,
  token: string,
  signal: AbortSignal,
): Promise<string | 'silent' | undefined> {
  let waited = 0;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const found = await findJobs(engine, [token]);
    const jobId = found?.get(token);
    if (jobId !== undefined) return jobId;
    if (found) break;
    if (waited >= patience || signal.aborted) return 'silent';
    waited += pause;
    await pauseFor(pause, signal);
  }
  await pauseFor(secondLook, signal);
  if (signal.aborted) return 'silent';
  const again = await findJobs(engine, [token]);
  return again ? again.get(token) : 'silent';
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  // Ended early, it is looked at by who called.
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

/** What the engine says to cancelling, holding and the like; undefined where all is well. */
export async function tellEngine(
  engine: BatchEngine,
  what: 'cancel' | 'hold' | 'release' | 'requeue',
  jobIds: readonly string[],
): Promise<string | undefined> {
  // So many ids that no command line gets too long.
  for (let from = 0; from < jobIds.length; from += 4000) {
    const command = engine[what](jobIds.slice(from, from + 4000));
    if (!command) return `${engine.title} can't do that`;
    const result = await runCommand(command, 'question');
    if (result.missing) return `${command.argv[0]} is not on this machine`;
    if (result.timedOut) return `${command.argv[0]} did not answer`;
    // Jobs that have ended meanwhile are none to complain about; whether any lives on, the next look tells.
    if (result.exitCode !== 0 && !engine.isHarmless(result))
      return firstWords(result) || `exit code ${result.exitCode}`;
  }
  return undefined;
}
