import { readJob, type Turn, writeJob } from '../../store/index.js';
import type { LaunchedRun } from '../events.js';
import type { TaskArray } from './array-request.js';

/** Makes runs that were not submitted the tasks of another array. Records that with each, and its turn. */
export function moveTo(
  { number, token, tasks }: TaskArray<LaunchedRun>,
  turn: Turn | undefined,
): TaskArray<LaunchedRun> {
  const moved = tasks.map((runs, i) =>
    runs.map((run) => {
      const job = readJob(run.directory);
      if (job) writeJob(run.directory, { ...job, token, task: { array: number, index: i + 1 }, turn });
      return { ...run, token };
    }),
  );
  return { number, token, tasks: moved };
}
