import { type CompleteRun, readRun, restartsOf } from '../../store/index.js';
import { settleDependencies } from '../dependencies.js';
import { type Launch, type LaunchedRun, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { runsOf, takeOver } from '../make/take-over.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import type { QueueTarget } from '../target.js';
import { requeue } from './again.js';
import { missingRuns, queueRuns } from './start.js';

/**
 * Finishes an interrupted launch into the local queue: makes the missing runs, and enqueues those again that
 * did not start because others had failed. The others wait already.
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
      for (const run of turnedAwayRuns(store, launch, recorded)) {
        requeue(store, [run], {}, { restarts: restartsOf(run), despiteFailures: false });
        yield { type: 'submitted', runs: [launchedAgain(run)], engine: 'local', jobId: String(run.id), found: false };
      }
      done = !signal.aborted;
    } finally {
      maker.close(done);
    }
  });
}

/** Returns the runs of a launch that did not start because others had failed. */
export function turnedAwayRuns(store: string, launch: string, recorded: RecordedLaunch): CompleteRun[] {
  return [...runsOf(store, launch, recorded).values()].flatMap((id) => {
    const run = readRun(store, id);
    const isTurnedAway = run?.kind === 'run' && run.status.status === 'STOPPED' && run.job?.verdict?.turnedAway;
    return isTurnedAway ? [run] : [];
  });
}

const launchedAgain = ({ id, directory, job, overrides }: CompleteRun): LaunchedRun => ({
  id,
  directory,
  token: job?.token ?? '',
  point: job?.point ?? 0,
  overrides,
  label: overrides.join(' '),
});
