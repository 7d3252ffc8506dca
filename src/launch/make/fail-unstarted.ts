import { closeInfo, lastAttemptNumber, noteOutcome, readJob, writeJob } from '../../store/index.js';
import type { Ended, LaunchedRun } from '../events.js';

/** Records a run that will not start as FAILED. */
export function recordFailure(run: Pick<LaunchedRun, 'directory'>, reason: string): void {
  recordVerdict(run, 'FAILED', reason);
}

/** Records a run that was not submitted, because the user interrupted that, as STOPPED. */
export function recordStop(run: Pick<LaunchedRun, 'directory'>, reason: string): void {
  recordVerdict(run, 'STOPPED', reason);
}

function recordVerdict(
  { directory }: Pick<LaunchedRun, 'directory'>,
  status: 'FAILED' | 'STOPPED',
  reason: string,
): void {
  const job = readJob(directory);
  const verdict = { status, attempt: lastAttemptNumber(directory) + 1, reason };
  if (job) writeJob(directory, { ...job, verdict });
  noteOutcome({ directory, job, status: verdict }, false);
  closeInfo(directory, verdict, new Date());
}

/** Records a run as FAILED because what it waits for can't happen any more. Returns its end. */
export function failUnstarted(run: LaunchedRun, reason: string): Ended {
  recordFailure(run, reason);
  const status = { status: 'FAILED', reason } as const;
  return { type: 'ended', run, status, exitCode: undefined, seconds: undefined, unstarted: true };
}
