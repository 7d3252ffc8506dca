/**
 * Engines: what executes runs. Batch engines as text functions (`engines/`, one file each, behind `engine.ts`), what submits to
 * them and asks them, and the pool of processes behind `here`. What is run and in which order is `launcher`'s; what has become of
 * a run is in the store.
 */
export { type AskedEngines, askEngines, currentJobId } from './ask.js';
export { allowedCpus, CpuPool } from './cpus.js';
export type {
  BatchEngine,
  CommandResult,
  Detection,
  EngineCommand,
  EngineLimits,
  JobDependencies,
  JobRequest,
  Query,
  QueueLimits,
  SubmitOutcome,
} from './engine.js';
export { queueOf } from './engine.js';
export {
  batchEngines,
  detectEngines,
  engineNamed,
  engineNames,
  isCommandHere,
  isModulePath,
  isOwnEngine,
  loadEngine,
} from './engines.js';
export { GpuPool, visibleGpus } from './gpus.js';
export { type HeaderDialect, withoutResources } from './header.js';
export { memoryLimitText } from './memory-limit.js';
export { type OwnSubmission, type SubmitWords, submissionWords, withoutArray } from './own-submission.js';
export { type QueuePlace, readPlaces } from './places.js';
export { findJobs, pollJobs, readDetails, readLimits } from './poll.js';
export { type PoolExit, type PoolOptions, type PoolRun, ProcessPool, type TimeLimit } from './process-pool.js';
export { type QueueState, readQueues } from './queues.js';
export { type Header, headerLines, readHeader } from './read-header.js';
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
  warningSignals,
} from './resources.js';
export { signalSupervisor } from './session.js';
export { adopt, type OnWait, type Submission, submissionOf, submitJob, tellEngine } from './submit.js';
export { type JobUsage, readUsage } from './usage.js';
