/**
 * From a sweep to runs: finding the program, planning (pure and lazy), creating runs, and carrying a launch
 * out. Where its runs go is a `Target`; `here/`, `engine/` and `queue/` have the same verbs, one file each.
 * Formats are `store`'s and `script`'s, words for people `cli`'s.
 */

export { planInCopy } from './code/in-copy.js';
export type { LaunchCode } from './code/launch-code.js';
export { commitOf, recordedCode } from './code/recorded-code.js';
export { againEngine, resubmissions } from './engine/again.js';
export { jobShape, limitKept, limitsArrays, tasksPerArray } from './engine/array-shape.js';
export { checkJobs, checkLimits, checkTimes, verifyRequest } from './engine/check.js';
export { runRequest } from './engine/job-request.js';
export { clusterOfWords, withExported } from './engine/options.js';
export { type JobSurvey, resumeEngine, surveyEngine } from './engine/resume.js';
export { startEngine } from './engine/start.js';
export { type Launch, type LaunchEvent, type LaunchedRun, stoppable } from './events.js';
export { countLaunchFailures, limitLaunchFailures } from './failures.js';
export { againHere } from './here/again.js';
export { asHere, changedHere, parallelOf, requireGpus, resourcesOfLimits } from './here/options.js';
export { resumeHere, type Survey, surveyHere } from './here/resume.js';
export { startHere } from './here/start.js';
export { recordLaunch } from './make/begin.js';
export { launchEnvironment } from './make/environment.js';
export { launchContext } from './make/launch-context.js';
export { changesOf } from './make/next-submission.js';
export { commandAt } from './make/run-command.js';
export { runContents } from './make/run-files.js';
export { runtimeIn } from './make/runtime.js';
export { requireInterrupted } from './make/take-over.js';
export { type TargetOptions, waitingKeys } from './options.js';
export { type ArgsStyle, argvOf, argvTemplateOf, type Preset } from './plan/argv.js';
export { type BatchCommand, readBatchCommands } from './plan/batch-commands.js';
export { type BatchScript, batchBody } from './plan/batch-script.js';
export { type CommandRequest, type LaunchRequest, type Plan, planLaunch, planRuns } from './plan/plan.js';
export { countPoints, type LaunchPoints, launchPoints, pointsOf } from './plan/points.js';
export { findProgram, type Program } from './plan/program.js';
export { overlayWords, planRerun } from './plan/rerun.js';
export { type PlanWithoutExisting, planWithoutExisting } from './plan/skip-existing.js';
export { type PlannedTarget, planTarget } from './plan-target.js';
export { requeue } from './queue/again.js';
export type { LeftRuns } from './queue/local-queue.js';
export { queueChanges } from './queue/options.js';
export { type QueueSurvey, resumeQueue, surveyQueue } from './queue/resume.js';
export { startQueue } from './queue/start.js';
export { executeQueue } from './queue/work.js';
export { type Change, changesSince } from './record/changes.js';
export { type RecordedLaunch, readableLaunch, readLaunch } from './record/launch-record.js';
export { choicesWithoutAsking, refuseLostAddition } from './request/code.js';
export { configRequestOf } from './request/config.js';
export { launchCode, neededFiles } from './request/copy.js';
export { type RequestDirectory, requestHere } from './request/directory.js';
export { batchEngine, configuredEngine, failUnconfigured } from './request/engine.js';
export { type PreparedRun, prepareRun, type RunOptions } from './request/prepare.js';
export { activatesEnvironment, type Caller } from './request/request.js';
export { type FoundSettings, launchSettings, refuseVersionOptions } from './request/settings.js';
export { programOfWords, writtenSteps } from './request/steps.js';
export { type CheckedLaunch, codeOf, fixChosen, ownDirectories, planVersioned } from './request/version.js';
export { goesOn } from './restarts.js';
export { leftScope, type ResumeScope, wholeScope } from './resume-scope.js';
export {
  type EngineTarget,
  failureLimitOf,
  type HereTarget,
  type QueueTarget,
  retryPolicyOf,
  type Target,
  type Waiting,
  waitingIn,
} from './target.js';
