/**
 * mlx as a library: launching sweeps, managing their runs, and reading what they left behind. Everything that
 * is not named here is internal. Programs that mlx runs import `mlx/client` instead.
 */

// What one's own engine (`--scheduler ./my-engine.mjs`) and one's own dispatcher of `mlx job` need.
export type { BatchEngine, JobRequest } from './engines/index.js';
// Results: one row of facts, config and metrics per run, and tables of them.
export { type Expression, parseExpression } from './expression/index.js';
// Settings, and failures with their words.
export { type Failure, MlxError, renderFailure } from './failures/index.js';
// Launching: what `mlx run` does.
export type { LaunchEvent, LaunchedRun, Plan, Target } from './launch/index.js';
export { type LaunchRequest, launch, type RunEnd, type StartedLaunch } from './library/index.js';
export {
  aggregate,
  bestSettings,
  groupResults,
  matchingResults,
  parseColumnName,
  type ReadResults,
  type RunResult,
  readLastMetrics,
  readMetricLog,
  readStoreResults,
  resultsOfAttempts,
  resultValue,
} from './results/index.js';
// Runs that exist.
export { stopRuns, watchRuns } from './runs/index.js';
export { loadSettings, type Settings } from './settings/index.js';
export { type CompleteRun, listRunIds, type Run, readRun, runPaths } from './store/index.js';
// Overrides and sweeps, in Hydra's grammar.
export { type Override, type Point, parseOverride, points, type Sweep, sweepOf } from './sweep/index.js';
export { type JobParser, type ParsedJob, prepareJobParser, type RenderedJob } from './templates/index.js';
