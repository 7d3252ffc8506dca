/**
 * Manages runs that exist, wherever they are: selecting, watching, stopping, holding, deleting, explaining
 * and comparing them, and removing unused files. Starting runs is `launch`'s; asking engines about them is
 * `tracking`'s; how engines are asked and told is `engines`'.
 */

// Which runs are meant, and how they are now.

export { filterRuns, type RunFilter } from './filter.js';
export { hasEnded, isOpen } from './open-runs.js';
export {
  allRuns,
  knownStatusWords,
  meantBy,
  namedLaunches,
  requireLaunch,
  requireRun,
  requireRunNow,
  selectAmong,
  selectRuns,
  statusNamed,
} from './select.js';
export { waitingOf } from './waiting.js';

// What is done with them.

export { deleteRuns } from './delete.js';
export { dependantsOf } from './dependants.js';
export { canHoldOrRelease, holdRuns } from './hold.js';
export { type OldLogs, setLogsAside } from './old-logs.js';
export { stopRuns } from './stop.js';
export { stopLaunches } from './stop-launches.js';
export { watchRuns } from './watch.js';

// What is known about them.

export { type BadNode, badNodes, suspectNode } from './bad-node.js';
export { codeDifference, compareRuns, type RunCode, type RunDifference, type Sides } from './diff.js';
export { type RunUsage, usageOf } from './usage.js';
export { cpuShare, type UsageHint, usageHints } from './usage-hints.js';
export { explainRun } from './why.js';

// The store as a whole.

export { checkup, type Finding } from './checkup.js';
export { findGarbage, type Garbage, removeGarbage } from './gc.js';
export { type CodeGarbage, type CodeSurvey, findCodeGarbage, type KeptCode, removeCodeGarbage } from './gc-code.js';
export { type UnfinishedLaunches, unfinishedLaunches } from './unfinished.js';
