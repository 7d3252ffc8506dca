/**
 * Reading what runs left behind: all runs in brief, through the index; one row of facts per run for tables and queries;
 * metrics, errors, logs. The files of a single run are `store`'s.
 */

export { type AttemptMode, attemptModes, resultsOfAttempts } from './attempt-results.js';
export { type BriefError, briefOf, type RunBrief, readBriefs } from './briefs.js';
export { ageOf, type FactName, type FactSource, factNames, factOf } from './columns/facts.js';
export { overrideTexts } from './columns/overrides.js';
export {
  type Column,
  columnText,
  currentValue,
  earlierAttempt,
  type KnownRuns,
  keyColumn,
  knownNames,
  type Meaning,
  matchingResults,
  metricNames,
  only,
  type ResolvedExpression,
  resolveColumns,
  resolveExpression,
  resultValue,
  type WrittenColumn,
  withMeanings,
  writtenColumns,
} from './columns/resolve.js';
export { RunRow } from './columns/run-row.js';
export { settingText, sweptKeys, tellingKeys } from './columns/swept-keys.js';
export { LogFollower, offsetOfTail, readChunks, readLogTail, readTail } from './logs.js';
export { type LastMetrics, lastMetricsOf, readLastMetrics } from './metrics/last-values.js';
export type { MetricLine } from './metrics/parse-text.js';
export {
  type AttemptChoice,
  type MetricLog,
  metricLogNames,
  readMetricLog,
  readMetricLogs,
} from './metrics/read-logs.js';
export { isStep, metricsFirst, usualSteps } from './metrics/steps.js';
export type { MetricSummary } from './metrics/summary.js';
export type { ProgramError } from './program-error/program-error.js';
export { readProgramError, tellingReason } from './program-error/read-program-error.js';
export { type ReadResults, readResults, readStoreResults } from './read-results.js';
export {
  type ColumnName,
  isReducer,
  parseColumnName,
  type RowProblem,
  type RunResult,
  splitMetric,
  valueReducers,
} from './run-result.js';
export {
  type Aggregate,
  type Aggregator,
  aggregate,
  aggregators,
  isAggregator,
  type RunValue,
} from './tables/aggregate.js';
export { type BestSetting, bestSettings } from './tables/best.js';
export {
  type AggregateColumn,
  aggregateText,
  differingKeys,
  groupedTable,
  groupResults,
  type LeftOut,
  type ResultGroup,
  type ResultTable,
  sortable,
  sortByValue,
  sortedTable,
  tableOf,
} from './tables/table.js';
