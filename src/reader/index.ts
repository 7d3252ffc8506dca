/**
 * Reading what runs left behind: all runs in brief, by way of the index; per run one row of facts for tables and queries;
 * logs. What a single record holds is `logger`'s.
 */

export { type Aggregate, type Aggregator, aggregate, aggregators, isAggregator, type RunValue } from './aggregate.js';
export { type AttemptMode, attemptModes, resultsOfAttempts } from './attempt-results.js';
export { type BestSetting, bestSettings } from './best.js';
export { briefOf, type RunBrief, readBriefs } from './briefs.js';
export { type LastMetrics, lastMetricsOf, readLastMetrics } from './last-metrics.js';
export { LogFollower, readChunks, readLogTail, readTail } from './logs.js';
export { type AttemptChoice, type MetricLog, metricLogNames, readMetricLog, readMetricLogs } from './metric-lines.js';
export type { MetricSummary } from './metric-summary.js';
export type { MetricLine } from './metric-text.js';
export { overrideTexts } from './override-texts.js';
export {
  type AggregateColumn,
  aggregateText,
  checkColumns,
  columnText,
  differingKeys,
  groupedTable,
  groupResults,
  knownNames,
  type LeftOut,
  matchingResults,
  metricNames,
  type ResultGroup,
  type ResultTable,
  sortable,
  sortedTable,
  tableOf,
  type WrittenColumn,
  writtenColumns,
} from './query.js';
export { readStoreResults } from './read-store.js';
export {
  type ColumnName,
  currentValue,
  earlierAttempt,
  isReducer,
  parseColumnName,
  type RowProblem,
  type RunResult,
  resultValue,
  splitMetric,
  valueReducers,
} from './result-row.js';
export { type ReadResults, readResults } from './results.js';
export { RunRow } from './row.js';
export { isStep, usualSteps } from './step-keys.js';
