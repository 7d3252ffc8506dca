import { readArrayAgain } from './array-record.js';
import type { Attempt } from './attempts.js';
import type { JobRecord } from './job-record.js';
import { hasStarted } from './status.js';

/** Returns the engine's id of a run's job, or undefined if no record shows that the engine accepted it. */
export function jobIdOf(store: string, { jobId, task, launch }: JobRecord): string | undefined {
  if (jobId !== undefined || !task) return jobId;
  const record = readArrayAgain(store, launch, task.array);
  if (record?.jobId === undefined || task.index > (record.tasks ?? task.index)) return undefined;
  return record.taskIds?.[task.index - 1] ?? record.taskPattern?.replace('{task}', String(task.index)) ?? record.jobId;
}

/**
 * Returns the id of a run's job in its engine now; undefined if it is not known to be submitted. An engine
 * that restarts jobs under new ids passes the id to the attempt.
 */
export function currentJobId({ job, attempt, jobId }: RunOfJob): string | undefined {
  const latest = job?.restartsGetNewIds && hasStarted(job, attempt) ? attempt?.claim?.jobId : undefined;
  return latest ?? jobId;
}

/**
 * Returns whether the id of a run's job is `word`, or that of a task of the array `word`: `684995` matches
 * `684995_3`, `684995.3` and `684995[3].server`.
 */
export function matchesJob({ jobId }: Pick<RunOfJob, 'jobId'>, word: string): boolean {
  return (
    jobId !== undefined && (jobId === word || (jobId.startsWith(word) && /^[^\w]|^_/.test(jobId.slice(word.length))))
  );
}

/** The parts of a run that say which job it is. */
interface RunOfJob {
  readonly job: JobRecord | undefined;
  readonly attempt: Attempt | undefined;
  readonly jobId: string | undefined;
}
