import type { BatchEngine, QueuePlace } from './engine.js';
import { askEngine } from './poll.js';

export type { QueuePlace } from './engine.js';

/** The places of waiting jobs in their engine's queue, by id; none where it does not tell. */
export async function readPlaces(
  engine: BatchEngine,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, QueuePlace>> {
  if (!engine.places || jobIds.length === 0) return new Map();
  const asked = await askEngine(engine.places, jobIds);
  return asked.kind === 'answer' ? asked.answer : new Map();
}
