import { closeInfo, lastAttemptNumber, readJob, writeJob } from '../../store/index.js';
import type { Ended, LaunchedRun } from '../here/work.js';

/** What is not to be started is a run that failed before it began. */
export function recordFailure({ directory }: Pick<LaunchedRun, 'directory'>, reason: string): void {
  const job = readJob(directory);
  const verdict = { status: 'FAILED', attempt: lastAttemptNumber(directory) + 1, reason } as const;
  if (job) writeJob(directory, { ...job, verdict });
  closeInfo(directory, verdict, new Date());
}

/** `recordFailure` for a run that waited for what can't come about any more, told as its end. */
export function failUnstarted(run: LaunchedRun, reason: string): Ended {
  recordFailure(run, reason);
  const status = { status: 'FAILED', reason } as const;
  return { type: 'ended', run, status, exitCode: undefined, seconds: undefined, unstarted: true };
}
