import { readBriefs } from './briefs.js';
import { type ReadResults, readResults } from './results.js';

/**
 * What all runs of a store have come to, without asking any engine: a run that is in a queue is as its directory tells. For programs; throws
 * nothing for a store that is not there, which has no runs.
 */
export async function readStoreResults(store: string): Promise<ReadResults> {
  const briefs = await readBriefs(store, async (runs) => runs);
  return readResults(store, briefs ?? []);
}
