/**
 * Managing runs that exist: which runs a person means, whether all is well, stopping, holding, deleting, and what
 * nobody needs any more.
 */

export { EngineAsker, runsNow } from './ask-engines.js';
export { type CheckupRequest, checkup, type Finding } from './checkup.js';
export { deleteRuns } from './delete.js';
export { dependantsOf } from './dependants.js';
export { codeDifference, compareRuns, type RunCode, type RunDifference, type Sides } from './diff.js';
export { findGarbage, type Garbage, removeGarbage } from './gc.js';
export { type CodeGarbage, type CodeSurvey, findCodeGarbage, type KeptCode, removeCodeGarbage } from './gc-code.js';
export { canBe, holdRuns } from './hold.js';
export { type OldLogs, setLogsAside } from './old-logs.js';
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
