import type { JobRef } from '../store/index.js';
import { askedJobs } from './asked-jobs.js';
import { askClusters } from './clusters.js';
import type { BatchEngine, JobUsage } from './engine.js';
import { askEngine } from './poll.js';

/**
 * Asks an engine what ended jobs used. Returns what it knows, by job id; an empty map if it keeps no account.
 */
export async function readUsage(engine: BatchEngine, jobs: readonly JobRef[]): Promise<ReadonlyMap<string, JobUsage>> {
  const { usage } = engine;
  if (!usage) return new Map();
  return askClusters(jobs, async ({ cluster, jobs: its }) => {
    const ids = its.map(({ id }) => id);
    const asked = await askEngine(usage, ids, { engine, cluster }, askedJobs(its));
    return asked.kind === 'answer' ? asked.answer : new Map();
  });
}
