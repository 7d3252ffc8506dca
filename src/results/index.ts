/**
 * Reading what runs left behind: all runs in brief, through the index; one row of facts per run for tables and queries;
 * metrics, errors, logs. The files of a single run are `store`'s.
 */

export { type Aggregate, type Aggregator, aggregate, aggregators, isAggregator, type RunValue } from './aggregate.js';
export { type AttemptMode, attemptModes, resultsOfAttempts } from './attempt-results.js';
export { type BestSetting, bestSettings } from './best.js';
export { type BriefError, briefOf, type RunBrief, readBriefs } from './briefs.js';
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
} from './columns.js';
export { ageOf, type FactName, type FactSource, factNames, factOf } from './facts.js';
export { type LastMetrics, lastMetricsOf, readLastMetrics } from './last-metrics.js';
export {
  chosenColumns,
  type ListColumn,
  type ListedRun,
  type ListFact,
  type ListValue,
  lastMetricColumn,
  listedRun,
  longColumns,
  namedColumns,
  sortRuns,
} from './list-columns.js';
export { LogFollower, offsetOfTail, readChunks, readLogTail, readTail } from './logs.js';
export { type AttemptChoice, type MetricLog, metricLogNames, readMetricLog, readMetricLogs } from './metric-lines.js';
export type { MetricSummary } from './metric-summary.js';
export type { MetricLine } from './metric-text.js';
export { overrideTexts } from './override-texts.js';
export type { ProgramError } from './program-error/program-error.js';
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
} from './query.js';
export { queryTable } from './query-table.js';
export { readStoreResults } from './read-store.js';
export {
  type ColumnName,
  isReducer,
  parseColumnName,
  type RowProblem,
  type RunResult,
  splitMetric,
  valueReducers,
} from './result-row.js';
export { type ReadResults, readResults } from './results.js';
export { RunRow } from './row.js';
export { readProgramError, tellingReason } from './run-error.js';
export { isStep, metricsFirst, usualSteps } from './steps.js';
export { settingText, sweptKeys, tellingKeys } from './swept-keys.js';
