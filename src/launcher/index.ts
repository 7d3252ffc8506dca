/**
 * From a sweep to runs: finding the program, planning (pure and lazy), how a point reaches the program, creating runs,
 * carrying a launch out. Formats are `logger`'s and `script`'s, processes `scheduler`'s, words for people `cli`'s.
 */

export { type BatchReading, readBatchCommands } from './batch-commands.js';
export { type BatchCommand, type BatchScript, batchBody } from './batch-script.js';
export type { Launch, LaunchEvent, LaunchedRun, RunLimits } from './carry-out.js';
export { type LaunchCode, toldEnvironment } from './code.js';
export { coveredPoints } from './covered.js';
export type { Waiting } from './dependencies.js';
export { type ExecuteOptions, executeQueue } from './execute.js';
export { goesOn, type Restarts, restartsOf } from './go-on.js';
export {
  checkJobs,
  checkLimits,
  checkTimes,
  type JobPlan,
  jobShape,
  profileOf,
  readResources,
  runRequest,
} from './job-plan.js';
export { type HereOptions, launchHere } from './launch-here.js';
export { launchJobs, stoppable } from './launch-jobs.js';
export { launchQueue, resumeQueue } from './launch-queue.js';
export { type NamedFile, type RecordedLaunch, readableLaunch, readLaunch } from './launch-record.js';
export type { LeftRuns } from './local-queue.js';
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
} from './plan.js';
export { countPoints, type LaunchPoints, launchPoints, type PointsRequest, pointsOf } from './points.js';
export { findCommand, findProgram, type Program, type ProgramRequest } from './program.js';
export type { QueuePlan } from './queue-plan.js';
export { type ArgsStyle, argvOf, type Preset, type Reach, reachOf } from './reach.js';
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
export { changesOf, type Resubmission, requeue, resubmissions, resubmitRuns } from './resubmit.js';
export {
  type Remaining,
  type ResumeOptions,
  requireInterrupted,
  resumeLaunch,
  type Survey,
  surveyLaunch,
} from './resume.js';
export { type JobSurvey, type RemainingJob, resumeJobs, surveyJobs } from './resume-jobs.js';
export {
  commandAt,
  type LaunchContext,
  launchContext,
  launchEnvironment,
  runContents,
  settingsText,
} from './run-files.js';
export { changedLimits, limitsOf, resourcesOfLimits } from './run-limits.js';
export { runtimeIn, supervisorIn } from './runtime.js';
