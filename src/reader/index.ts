/**
 * Reading what runs left behind: all runs in brief, by way of the index; per run one row of facts for tables and queries;
 * logs. What a single record holds is `logger`'s.
 */
export { briefOf, type RunBrief, readBriefs } from './briefs.js';
export { LogFollower, readChunks, readLogTail, readTail } from './logs.js';
export { RunRow } from './row.js';
