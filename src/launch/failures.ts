import { existsSync } from 'node:fs';
import {
  type CompleteRun,
  failedRuns,
  isFinalStatus,
  noteRecordedOutcome,
  readRun,
  storePaths,
  wentWrong,
  writeMaxFailures,
} from '../store/index.js';
import { runsOf } from './make/take-over.js';
import type { RecordedLaunch } from './record/launch-record.js';

/** Returns how many runs of a launch have ended badly, as their records show. Writes nothing. */
export function countLaunchFailures(store: string, launch: string, recorded: RecordedLaunch): number {
  if (existsSync(storePaths.failures(store, launch))) return failedRuns(store, launch).length;
  return endedRuns(store, launch, recorded).filter(({ status }) => wentWrong(status.status)).length;
}

/**
 * Sets after how many failures no further run of a launch starts, also for its jobs that wait. Counts the
 * failures so far if nothing has counted them. Throws the system's error.
 */
export function limitLaunchFailures(store: string, launch: string, recorded: RecordedLaunch, most: number): void {
  writeMaxFailures(store, launch, most);
  for (const run of endedRuns(store, launch, recorded)) noteRecordedOutcome(run);
}

function endedRuns(store: string, launch: string, recorded: RecordedLaunch): CompleteRun[] {
  return [...runsOf(store, launch, recorded).values()].flatMap((id) => {
    const run = readRun(store, id);
    return run?.kind === 'run' && run.job?.launch === launch && isFinalStatus(run.status.status) ? [run] : [];
  });
}
