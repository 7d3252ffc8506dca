import { dirname } from 'node:path';
import { readArrayAgain } from './array-record.js';
import type { Attempt } from './attempts.js';
import type { EngineAnswer } from './engine-record.js';
import type { JobRecord } from './job-record.js';
import { hasStarted } from './status.js';
import type { SubmittedAs } from './submitted-as.js';

/** Returns the engine's id of a run's job, or undefined if no record shows that the engine accepted it. */
export function jobIdOf(store: string, { jobId, task, launch }: JobRecord): string | undefined {
  if (jobId !== undefined || !task) return jobId;
  const record = readArrayAgain(store, launch, task.array);
  if (record?.jobId === undefined || task.index > (record.tasks ?? task.index)) return undefined;
  return record.taskIds?.[task.index - 1] ?? record.taskPattern?.replace('{task}', String(task.index)) ?? record.jobId;
}

/**
 * Returns the id of a run's job in its engine now; undefined if it is not known to be submitted. An engine
 * that restarts jobs under new ids passes the id to the attempt, and tells it of a job that has not started.
 */
export function currentJobId({ job, attempt, jobId, engine }: RunOfJob): string | undefined {
  const latest = job?.restartsGetNewIds && hasStarted(job, attempt) ? attempt?.claim?.jobId : undefined;
  return engine?.jobId ?? latest ?? jobId;
}

/** A job by its id, and by what the engine keeps of its submission: another job may have the id by now. */
export interface JobRef extends Partial<SubmittedAs> {
  readonly id: string;
  /** Undefined for a job of which only the id is known. */
  readonly token?: string | undefined;
  /** The id of the array whose task it is. */
  readonly array?: string | undefined;
}

/** Returns the job of a run as its engine is asked about it; undefined if it is not known to be submitted. */
export function jobRefOf(run: RunOfJob & { readonly directory: string }): JobRef | undefined {
  const id = currentJobId(run);
  const { job } = run;
  if (id === undefined || !job) return undefined;
  const array = job.task && readArrayAgain(dirname(run.directory), job.launch, job.task.array);
  return { ...(array?.submitted ?? job.submitted), id, token: job.token, array: array?.jobId };
}

/**
 * Returns whether the id of a run's job is `word`, or that of a task of the array `word`: `684995` matches
 * `684995_3`, `684995.3` and `684995[3].server`. A job that was restarted under a new id has both.
 */
export function matchesJob(run: RunOfJob, word: string): boolean {
  return [run.jobId, currentJobId(run)].some(
    (jobId) =>
      jobId !== undefined && (jobId === word || (jobId.startsWith(word) && /^[^\w]|^_/.test(jobId.slice(word.length)))),
  );
}

/** The parts of a run that say which job it is. */
interface RunOfJob {
  readonly job: JobRecord | undefined;
  readonly attempt: Attempt | undefined;
  readonly jobId: string | undefined;
  readonly engine?: EngineAnswer | undefined;
}
