/**
 * Reads what runs left behind. Owns: all runs in brief and their results (both by an index), the names and
 * values of columns, tables of results, metrics, program errors, logs. The other files of one run are
 * `store`'s; plots are `plots`'. Nothing here asks an engine.
 */

// All runs of a store.

export { type AttemptMode, attemptModes, resultsOfAttempts } from './attempt-results.js';
export { type BriefError, isWhole, type RunBrief, readBriefs } from './briefs.js';
export { type ReadResults, readResults, readStoreResults } from './read-results.js';
export type { RunResult } from './run-result.js';

// Columns: their names, what they mean, their values.

export {
  type Column,
  type ColumnName,
  columnText,
  type KnownRuns,
  keyColumn,
  only,
  parseColumnName,
  type WrittenColumn,
  writtenColumns,
} from './columns/column.js';
export { overrideTexts } from './columns/overrides.js';
export { matchingResults, resolveColumns, resolveExpression, withMeanings } from './columns/resolve.js';
export { RunRow } from './columns/run-row.js';
export { differingKeys, distinguishingKeys, settingText, sweptKeys } from './columns/swept-keys.js';
export {
  columnNames,
  currentValue,
  earlierAttempt,
  knownNames,
  metricNames,
  resultValue,
  withoutPrefix,
} from './columns/values.js';

// Tables: sorted, grouped, aggregated.

export { aggregate } from './tables/aggregate.js';
export { type BestSetting, bestSettings } from './tables/best.js';
export { groupResults } from './tables/groups.js';
export { sortable } from './tables/sort.js';
export type { LeftOut, ResultTable } from './tables/table.js';

// Metrics of one run.

export { type LastMetrics, lastMetricsOf, readLastMetrics } from './metrics/last-values.js';
export type { MetricLine } from './metrics/parse-text.js';
export {
  type AttemptChoice,
  type MetricLog,
  metricLogNames,
  readMetricLog,
  readMetricLogs,
  splitMetric,
} from './metrics/read-logs.js';
export { isStep, metricsFirst, usualSteps } from './metrics/steps.js';

// Errors and logs of one run.

export { LogFollower, type LogLine, offsetOfTail, readChunks, readLogTail, readTail } from './logs.js';
export type { ProgramError } from './program-error/program-error.js';
export { readProgramError, shownReason } from './program-error/read-program-error.js';

// The columns of a listing and the table of a query.

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
} from './tables/list-columns.js';
export { queryTable } from './tables/query-table.js';
