/** The library: planning and carrying out launches, reading stores, and what a dispatcher with the command line of `mlx job` needs. */
export { type CodeChoices, type CodeVersion, type FixedCode, fixCode, lookAtCode } from './code/index.js';
export * from './config/index.js';
export type {
  BatchEngine,
  CommandResult,
  Detection,
  EngineCommand,
  EngineLimits,
  EngineQueueLimits,
  JobRequest,
  Query,
  SubmitOutcome,
} from './engines/index.js';
export { type Expression, holds, parseExpression } from './expression/index.js';
export { type Failure, MlxError, renderFailure } from './failures/index.js';
export * from './launch/index.js';
export {
  type Aggregate,
  type Aggregator,
  type AttemptMode,
  aggregate,
  bestSettings,
  earlierAttempt,
  groupResults,
  matchingResults,
  parseColumnName,
  type ReadResults,
  type ResultGroup,
  type RunResult,
  readLastMetrics,
  readMetricLog,
  readStoreResults,
  resultsOfAttempts,
  resultValue,
} from './results/index.js';
export * from './settings/index.js';
export * from './store/index.js';
export * from './sweep/index.js';
export {
  type DispatcherPlace,
  type JobParser,
  type ParsedJob,
  prepareJobParser,
  type RenderedJob,
} from './templates/index.js';
export * from './values/index.js';
