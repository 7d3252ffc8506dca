/** Managing runs that exist: which runs a person means, whether all is well, and what nobody needs any more. */
export { type CheckupRequest, checkup, type Finding } from './checkup.js';
export { EngineView, runsNow } from './engine-view.js';
export { findGarbage, type Garbage, removeGarbage } from './gc.js';
export {
  allRuns,
  dependencyRuns,
  isOfJob,
  knownStatusWords,
  requireLaunch,
  requireRun,
  requireRunNow,
  selectAmong,
  selectRuns,
  statusNamed,
} from './select.js';
export { type Stopped, stopRuns } from './stop.js';
export { type RunUsage, usageOf } from './usage.js';
export { watchRuns } from './watch.js';
export { type Explanation, explainRun } from './why.js';
