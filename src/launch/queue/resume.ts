import { settleDependencies } from '../dependencies.js';
import { type Launch, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { runsOf, takeOver } from '../make/take-over.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import type { QueueTarget } from '../target.js';
import { missingRuns, queueRuns } from './start.js';

/**
 * Finishes an interrupted launch into the local queue: makes the missing runs; those that are there wait
 * already.
 */
export function resumeQueue(
  store: string,
  launch: string,
  recorded: RecordedLaunch<QueueTarget>,
  force: boolean,
): Launch {
  const { plan, target } = recorded;
  return stoppable(async function* (signal) {
    const settled = await settleDependencies(store, target.after);
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const known = runsOf(store, launch, recorded);
      yield* queueRuns(maker, missingRuns(store, plan, known), { settled, target, signal });
      done = !signal.aborted;
    } finally {
      maker.close(done);
    }
  });
}
