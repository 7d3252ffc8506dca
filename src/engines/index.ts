/**
 * Batch engines: a folder of pure functions for each, of the type `BatchEngine` (`engine.ts`);
 * submitting jobs and asking about them. Knows jobs, not runs: `tracking` asks about runs. Processes of this
 * machine belong to `local`.
 */

export { clusterNamed, idInCluster, splitJobId, taskPatternOf } from './clusters.js';
export type {
  BatchEngine,
  CommandResult,
  EngineLimits,
  EngineQueue,
  EngineQueueLimits,
  JobDependencies,
  JobRequest,
  JobUsage,
  Share,
  SubmitWords,
} from './engine.js';
export { withoutResources } from './header.js';
export { type OwnSubmission, submissionWords, withoutArray } from './own-submission.js';
export { findJobs, isReused, pollJobs, readDetails, readLimits } from './poll.js';
export { readQueuePositions, readQueues } from './queues.js';
export { type Header, headerLines, readHeader } from './read-header.js';
export { unsupported } from './refusals.js';
export {
  batchEngines,
  detectEngines,
  engineNamed,
  engineNames,
  isModulePath,
  isOwnEngine,
  loadEngine,
} from './registry.js';
export { queueOf } from './request.js';
export { adopt, type Submission, submissionOf, submitJob, tellEngine, type WaitPolicy } from './submit.js';
export { readUsage } from './usage.js';
export { verifyJob } from './verify.js';
