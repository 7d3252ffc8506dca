/**
 * Batch engines. Each has a folder of pure text functions, behind the type `BatchEngine` (`engine.ts`); what submits to
 * them and asks them is here too. Processes of this machine are `local`'s; what a run has become is in `store`.
 */

export { type AskedEngines, askEngines, currentJobId } from './ask.js';
export type {
  BatchEngine,
  CommandResult,
  Detection,
  EngineCommand,
  EngineLimits,
  JobDependencies,
  JobRequest,
  JobUsage,
  Query,
  QueueLimits,
  QueueState,
  Share,
  SubmitOutcome,
  SubmitWords,
} from './engine.js';
export { type HeaderDialect, withoutResources } from './header.js';
export { type OwnSubmission, submissionWords, withoutArray } from './own-submission.js';
export { findJobs, pollJobs, readDetails, readLimits } from './poll.js';
export { readQueuePositions, readQueues } from './queues.js';
export { type Header, headerLines, readHeader } from './read-header.js';
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
export {
  endMargin,
  memoryText,
  noResources,
  parseMemory,
  parseWarning,
  type ResourceName,
  type Resources,
  roughMemory,
  signalOf,
  timesOf,
  unsupported,
  type Warning,
  type WarningSignal,
  warningSignals,
} from './resources.js';
export { adopt, type OnWait, type Submission, submissionOf, submitJob, tellEngine } from './submit.js';
export { readUsage } from './usage.js';
