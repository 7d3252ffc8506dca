/**
 * The store: run ids, run directories and their records, attempts, statuses, metrics, launch directories, the
 * local queue. All are plain files, each with one writer; docs/store.md describes them. What runs, and where,
 * is decided above.
 */

export { arrayPaths, countArrays, readArray, readArrayMap, writeArray } from './array-record.js';
export {
  type Attempt,
  type AttemptEnd,
  lastAttemptNumber,
  readAttempt,
  readLastAttempt,
  seenPeakMemory,
} from './attempts.js';
export { IdClaimer, nextIdHint } from './claim.js';
export { continueRun, createRun, type RunContents } from './create-run.js';
export {
  type Dependencies,
  dependencyIds,
  noDependencies,
} from './dependencies.js';
export { type EngineAnswer, type QueuePosition, writeEngineAnswer } from './engine-record.js';
export { failedRuns, noteOutcome, noteRecordedOutcome, readMaxFailures, writeMaxFailures } from './failures.js';
export { openStore, secretMode, writeForGroup } from './group-store.js';
export { closeInfo, correctInfo, infoWorkDirectory, moveInfoIntoPlace } from './info-status.js';
export { currentJobId, type JobRef, jobRefOf, matchesJob } from './job-id.js';
export { claimJobLog, runsOfJobLog } from './job-log.js';
export {
  type ArrayTask,
  type JobRecord,
  type QueueEntry,
  readJob,
  type Turn,
  type Verdict,
  writeJob,
} from './job-record.js';
export {
  createLaunch,
  handOverLaunch,
  isBeingMade,
  isLaunchDone,
  LaunchDirectory,
  listInterruptedLaunches,
  listLaunches,
  listUnrecordedLaunches,
  markLaunchStopped,
  newId,
  readLaunchOwner,
  readLaunchPoints,
  stopReasonOf,
  takeOverLaunch,
  type UnrecordedLaunch,
} from './launch-directory.js';
export { lockBeginning } from './lock-beginning.js';
export { type LostMetrics, readLostMetrics } from './lost-metrics.js';
export { flatMetrics, type MetricValue, parseJson, parseMetricLine } from './metrics.js';
export { attemptsFromCheckpoint, type MetricsNote, readMetricsNotes } from './metrics-note.js';
export type { Owner } from './owners.js';
export {
  checkStoreWritable,
  directoryProblem,
  listRunIds,
  maxFailuresFile,
  patchFile,
  runPaths,
  storePaths,
} from './paths.js';
export { type Progress, readProgress } from './progress.js';
export { enqueue, leaveQueue, queuedIds } from './queue.js';
export { type CompleteRun, needsEngine, type Run, readRun, runSeconds, runStatus, withAnswer } from './read-run.js';
export { type Readiness, readiness, recordedReadiness } from './readiness.js';
export { type EndedRun, type Restarts, restartsOf, retryOf } from './restarts.js';
export { runCommand } from './run-command.js';
export { installRuntime } from './runtime.js';
export { failedStatus, hasStarted, type StatusFacts, statusOf, statusTable } from './status.js';
export {
  type FinalStatus,
  isFinalStatus,
  isLeftUndone,
  isOver,
  knownStatuses,
  type RunStatus,
  type Status,
  wentWrong,
} from './statuses.js';
export { readSteps, type StepRecord } from './steps.js';
export { claimSubmitting, type Submitting } from './submitting.js';
export { withTurnedAway } from './turned-away.js';
