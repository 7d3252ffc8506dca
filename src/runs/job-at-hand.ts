import { type BatchEngine, isReused } from '../engines/index.js';
import { type CompleteRun, currentJobId } from '../store/index.js';
import type { EngineAsker } from '../tracking/index.js';

/**
 * Returns why an engine must not be told anything about a run's job: it did not answer, so that nobody knows
 * whether the id still belongs to that job, or it belongs to another one by now. Undefined if it may be told.
 */
export function whyNotTold(
  run: CompleteRun,
  { asked, troubles }: EngineAsker,
  { title }: BatchEngine,
): string | undefined {
  const job = `job ${currentJobId(run)}`;
  if (run.engine && isReused(run.engine)) {
    return `${title} does not know its ${job} any more: another job has that id now, and was left alone`;
  }
  if (asked.has(run.id)) return undefined;
  const words = troubles.find(({ engine }) => engine === run.job?.engine)?.words;
  return `${title} does not say whether its ${job} is still there${words === undefined ? '' : `: ${words}`}`;
}

/** Returns whether the engine does not know a run's job any more. */
export const hasLeftEngine = ({ engine }: CompleteRun): boolean => engine?.state === 'gone' || engine?.state === 'lost';
