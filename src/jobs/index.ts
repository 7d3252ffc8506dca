/** Managing runs that exist: which runs a person means, whether all is well, and what nobody needs any more. */
export { type CheckupRequest, checkup, type Finding } from './checkup.js';
export { findGarbage, type Garbage, removeGarbage } from './gc.js';
export { knownStatusWords, requireLaunch, requireRun, selectRuns, statusNamed } from './select.js';
