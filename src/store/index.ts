/**
 * The store: run ids, run directories and their records, attempts, status, metrics, the records of launches. Plain
 * files, each with one writer; docs/store.md describes them all. What is run, and by whom, is decided above.
 */

export {
  type ArrayRecord,
  arrayPaths,
  countArrays,
  jobIdOf,
  readArray,
  readArrayMap,
  writeArray,
} from './array-record.js';
export {
  type Attempt,
  type AttemptClaim,
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
  type Readiness,
  readiness,
  recordedReadiness,
  stretches,
} from './dependencies.js';
export { readEngineAnswer, writeEngineAnswer } from './engine-record.js';
export { closeInfo, infoCommand, infoStatus, infoWorkDirectory, mendInfo, placeInfo } from './info-status.js';
export { claimJobLog, runsOfJobLog } from './job-log.js';
export { type ArrayTask, type JobRecord, type QueuedJob, readJob, type Verdict, writeJob } from './job-record.js';
export {
  createLaunch,
  type LaunchOwner,
  LaunchRecord,
  type LaunchSummary,
  listInterruptedLaunches,
  listLaunches,
  newId,
  readLaunchOwner,
  readLaunchPoints,
  takeOverLaunch,
} from './launch-directory.js';
export { flatMetrics, type MetricValue, parseJson, parseMetricLine } from './metrics.js';
export { attemptsFromCheckpoint, type MetricsNote, readMetricsNotes } from './metrics-note.js';
export {
  checkStoreWritable,
  directoryProblem,
  listRunIds,
  openStore,
  patchFile,
  runPaths,
  storePaths,
} from './paths.js';
export { type Progress, readProgress } from './progress.js';
export { enqueue, leaveQueue, queueChanged, queuedIds } from './queue.js';
export {
  type CompleteRun,
  type DamagedRun,
  type EngineAnswers,
  type IncompleteRun,
  needsEngine,
  type Run,
  readRun,
  runSeconds,
  runStatus,
  withAnswer,
} from './read-run.js';
export { runCommand } from './run-command.js';
export { installRuntime } from './runtime.js';
export {
  type EngineAnswer,
  endReason,
  type FinalStatus,
  hasStarted,
  isFinalStatus,
  isOver,
  knownStatuses,
  type RunStatus,
  type Status,
  type StatusFacts,
  statusOf,
  statusTable,
  wentWrong,
} from './status.js';
export { readSteps, type StepRecord } from './steps.js';
