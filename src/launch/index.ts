/**
 * From a sweep to runs: finding the program, planning (pure and lazy), creating runs, and carrying a launch out here,
 * through an engine, or in the local queue. Formats are `store`'s and `script`'s, words for people `cli`'s.
 */

export { type LaunchCode, toldEnvironment } from './code/launch-code.js';
export type { Waiting } from './dependencies.js';
export {
  checkJobs,
  checkLimits,
  checkTimes,
  type JobPlan,
  jobShape,
  profileOf,
  runRequest,
} from './engine/job-plan.js';
export { type JobSurvey, type RemainingJob, resumeJobs, surveyJobs } from './engine/resume.js';
export { launchJobs, stoppable } from './engine/start.js';
export {
  type Remaining,
  type ResumeOptions,
  requireInterrupted,
  resumeLaunch,
  type Survey,
  surveyLaunch,
} from './here/resume.js';
export { changedLimits, limitsOf, resourcesOfLimits } from './here/run-limits.js';
export { type HereOptions, launchHere } from './here/start.js';
export type { Launch, LaunchEvent, LaunchedRun, RunLimits } from './here/work.js';
export {
  commandAt,
  type LaunchContext,
  launchContext,
  launchEnvironment,
  runContents,
  settingsText,
} from './make/run-files.js';
export type { LaunchOrigin } from './make/run-maker.js';
export { runtimeIn, supervisorIn } from './make/runtime.js';
export { type BatchCommand, type BatchReading, readBatchCommands } from './plan/batch-commands.js';
export { type BatchScript, batchBody } from './plan/batch-script.js';
export {
  type CommandRequest,
  type LaunchRequest,
  type Plan,
  type PlannedCommand,
  planLaunch,
  planRuns,
  programsOf,
  type RunSpec,
  type Step,
} from './plan/plan.js';
export { countPoints, type LaunchPoints, launchPoints, type PointsRequest, pointsOf } from './plan/points.js';
export { findProgram, type Program, type ProgramRequest } from './plan/program.js';
export { type ArgsStyle, argvOf, type Preset, type Reach, reachOf } from './plan/program-arguments.js';
export { coveredPoints } from './plan/skip-existing.js';
export type { LeftRuns } from './queue/local-queue.js';
export type { QueuePlan } from './queue/queue-plan.js';
export { launchQueue, resumeQueue } from './queue/start.js';
export { type ExecuteOptions, executeQueue } from './queue/work.js';
export { type NamedFile, type RecordedLaunch, readableLaunch, readLaunch } from './record/launch-record.js';
export {
  type Change,
  changesSince,
  commitOf,
  overlayWords,
  planInCopy,
  planRerun,
  recordedCode,
  rerunInPlace,
} from './rerun.js';
export { goesOn, type Restarts, restartsOf } from './restarts.js';
export { changesOf, type Resubmission, requeue, resubmissions, resubmitRuns } from './resubmit.js';
