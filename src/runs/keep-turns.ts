import groupBy from 'lodash/groupBy.js';
import sortBy from 'lodash/sortBy.js';
import { parseRanges } from '../core/consecutive.js';
import { type CompleteRun, hasStarted, isOver, readLaunchPoints, readRun } from '../store/index.js';

/**
 * Returns the runs, of those that are to be stopped, whose waiting jobs have to stay in their engine. In a
 * launch with `--max-running` a job waits for some of those before it in its lane (`Turn`). If all of them
 * were cancelled, it would start beside an earlier one that still runs. Such a job ends by itself when its
 * turn comes, since its run has a verdict.
 */
export function keepingTurns(store: string, stopped: readonly CompleteRun[]): Set<number> {
  const inLanes = stopped.filter((run) => run.job?.turn?.lane !== undefined && isWaiting(run));
  const ids = new Set(inLanes.map(({ id }) => id));
  const kept = new Set<number>();
  for (const launch of Object.keys(groupBy(inLanes, ({ job }) => job?.launch))) {
    const lanes = groupBy(openInLanes(store, launch), ({ job }) => job?.turn?.lane);
    for (const lane of Object.values(lanes)) {
      let before: CompleteRun | undefined;
      let gap: number[] = [];
      for (const run of sortBy(lane, ({ job }) => job?.turn?.order)) {
        if (ids.has(run.id)) {
          gap.push(run.id);
          continue;
        }
        const waitsFor = parseRanges(run.job?.turn?.behind ?? '');
        if (before && isWaiting(run) && !waitsFor.includes(before.id)) for (const id of gap) kept.add(id);
        before = run;
        gap = [];
      }
    }
  }
  return kept;
}

const isWaiting = ({ job, attempt }: CompleteRun) => job !== undefined && !hasStarted(job, attempt);

/** The runs of a launch that stand in lanes and may not have ended, by what is on record. */
function openInLanes(store: string, launch: string): CompleteRun[] {
  return [...readLaunchPoints(store, launch).values()].flatMap((id) => {
    const run = readRun(store, id);
    const isOpen = run?.kind === 'run' && run.job?.launch === launch && !isOver(run.status.status);
    return isOpen && run.job?.turn?.lane !== undefined ? [run] : [];
  });
}
