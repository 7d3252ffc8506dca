import type { RunBrief } from '../results/index.js';
import { matchesJob, type Run } from '../store/index.js';
import { hasStatus } from './select.js';

/** Which runs to keep; undefined for what does not matter. */
export interface RunFilter {
  readonly statuses: ReadonlySet<RunBrief['status']> | undefined;
  /** The id of a launch. */
  readonly launch: string | undefined;
  /** A job of an engine, or an array. */
  readonly job: string | undefined;
  /** The name of the run's job. */
  readonly name: string | undefined;
  /** True to keep only runs of the local queue. */
  readonly local: boolean;
}

/**
 * Returns the runs that pass the filter, in their order. `read` is called only if the filter needs a job
 * record.
 */
export function filterRuns(
  briefs: readonly RunBrief[],
  { statuses, launch, job, name, local }: RunFilter,
  read: (id: number) => Run | undefined,
): RunBrief[] {
  const readsRuns = job !== undefined || name !== undefined || local;
  const passes = (id: number) => {
    const run = read(id);
    return (
      run?.kind === 'run' &&
      (!local || run.job?.engine === 'local') &&
      (job === undefined || matchesJob(run, job)) &&
      (name === undefined || run.job?.name === name)
    );
  };
  return briefs.filter(
    ({ id, status, launch: itsLaunch }) =>
      (!statuses || [...statuses].some((named) => hasStatus({ status }, named))) &&
      (launch === undefined || itsLaunch === launch) &&
      (!readsRuns || passes(id)),
  );
}
