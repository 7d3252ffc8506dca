import groupBy from 'lodash/groupBy.js';
import memoize from 'lodash/memoize.js';
import { rangesText } from '../../core/consecutive.js';
import { type CompleteRun, currentJobId, isOver, readArray, type Turn } from '../../store/index.js';
import type { KnownRun } from './known-runs.js';

// How a launch keeps to `--max-running N` after mlx has left. Its single jobs stand in N lanes: each waits
// for those before it in its lane. An array has a limit of its own, but knows nothing of other jobs: it takes
// all places, and waits for everything before it, as everything after it waits for it. The waiting is "after
// any end", which engines do by themselves. What is on record (`job.yaml`) says who waits for whom, so that
// jobs which are submitted later, by another process, queue up behind those that are still open.

/** A job of the launch that may not have ended. */
export interface OpenJob {
  /** As the engine names it; for an array its own id, not those of its tasks. */
  readonly jobId: string;
  /** Its runs that may not have ended. */
  readonly runs: readonly number[];
  /** How many of these may run at once, if nothing limits them. */
  readonly tasks: number;
  readonly lane: number | undefined;
  readonly order: number;
}

/** When the next job has its turn: what is put on record, and the jobs that it waits for. */
export interface NextTurn {
  readonly turn: Turn;
  readonly jobIds: readonly string[];
}

/**
 * How many of the jobs before it in its lane a job waits for. One is enough, unless a waiting job of the lane
 * is cancelled: then the next one must not start while an earlier one still runs.
 */
const lookBack = 8;

/**
 * Returns the turn of a job of `tasks` tasks behind the open jobs of its launch, so that never more than
 * `most` run at once. A job with one task stands in the lane with the fewest open jobs.
 */
export function nextTurn(open: readonly OpenJob[], most: number, tasks: number): NextTurn {
  const lanes = Array.from({ length: most }, (): OpenJob[] => []);
  const others: OpenJob[] = [];
  for (const job of open) ((job.lane === undefined ? undefined : lanes[job.lane]) ?? others).push(job);
  for (const lane of lanes) lane.sort((a, b) => a.order - b.order);
  const order = Math.max(0, ...open.map((job) => job.order)) + 1;
  const sizes = lanes.map(({ length }) => length);
  const lane = tasks === 1 ? sizes.indexOf(Math.min(...sizes)) : undefined;
  const taken = lanes.filter(({ length }) => length > 0).length + sum(others.map((job) => Math.min(job.tasks, most)));
  const isFree = (lane === undefined || sizes[lane] === 0) && taken + Math.min(tasks, most) <= most;
  const ahead = lane === undefined ? lanes : lanes.slice(lane, lane + 1);
  const awaited = isFree ? [] : [...others, ...ahead.flatMap((jobs) => jobs.slice(-lookBack))];
  return {
    turn: { lane, order, behind: rangesText(awaited.flatMap(({ runs }) => runs)) },
    jobIds: awaited.map(({ jobId }) => jobId),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Returns the open jobs of a launch, from its runs as the engine says they are now. */
export function openJobs(store: string, launch: string, runs: Iterable<KnownRun>): OpenJob[] {
  const arrayOf = memoize((number: number) => readArray(store, launch, number));
  // Of a task of an array, the id of the array: who waits for that waits for all of it.
  const jobIdOf = (run: CompleteRun) => {
    const array = run.job?.task && arrayOf(run.job.task.array);
    return (array?.taskPattern === undefined ? undefined : array.jobId) ?? currentJobId(run) ?? '';
  };
  const open = [...runs].flatMap(({ run }) =>
    run?.kind === 'run' && run.job?.launch === launch && !isOver(run.status.status) ? [run] : [],
  );
  return Object.entries(groupBy(open, jobIdOf)).flatMap(([jobId, itsRuns]): OpenJob[] => {
    if (jobId === '') return [];
    const tasks = new Set(itsRuns.map(currentJobId)).size;
    const { lane, order = 0 } = itsRuns[0]?.job?.turn ?? {};
    return [{ jobId, runs: itsRuns.map(({ id }) => id), tasks, lane, order }];
  });
}
