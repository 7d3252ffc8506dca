import { existsSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { parseFlatRecord } from '../core/flat-record.js';
import type { Attempt } from './attempts.js';
import type { JobRecord } from './job-record.js';
import { runPaths } from './paths.js';
import { hasStarted } from './status.js';

/**
 * Returns the job record with the verdict that a run has given itself: it was due to start, and did not
 * because as many runs of its launch had failed as may. `run.sh` records that in a file of its own, since it
 * never writes `job.yaml`.
 */
export function withTurnedAway(run: string, job: JobRecord, attempt: Attempt | undefined): JobRecord {
  if (job.verdict || hasStarted(job, attempt)) return job;
  const path = runPaths.turnedAway(run, job.token);
  // Few runs have such a file, and a failing read costs more than a look.
  const text = existsSync(path) ? ifPresent(() => readFileSync(path, 'utf8')) : undefined;
  const reason = text === undefined ? undefined : parseFlatRecord(text)?.get('reason');
  if (reason === undefined) return job;
  return { ...job, verdict: { status: 'STOPPED', attempt: (attempt?.number ?? 0) + 1, reason, turnedAway: true } };
}
