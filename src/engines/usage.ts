import type { BatchEngine, JobUsage } from './engine.js';
import { askEngine } from './poll.js';

/**
 * Asks an engine what ended jobs used. Returns what it knows, by job id; an empty map if it keeps no account.
 */
export async function readUsage(
  engine: BatchEngine,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, JobUsage>> {
  if (!engine.usage || jobIds.length === 0) return new Map();
  const asked = await askEngine(engine.usage, jobIds);
  return asked.kind === 'answer' ? asked.answer : new Map();
}
