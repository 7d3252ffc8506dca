import { isOwnEngine } from '../engines/index.js';
import { type CompleteRun, dependencyIds, isFinalStatus, listRunIds, noDependencies, readRun } from '../store/index.js';

/** The runs that must be submitted again when the runs that they wait for are. */
interface Dependants {
  /** They did not start, because one of those failed. */
  readonly failed: readonly CompleteRun[];
  /** They wait in an engine for the earlier jobs of those. */
  readonly waiting: readonly CompleteRun[];
}

/** The runs that wait for one of these runs or failed because of it, directly or through other runs. */
export function dependantsOf(store: string, ids: readonly number[]): Dependants {
  const meant = new Set(ids);
  const first = Math.min(...ids);
  const failed: CompleteRun[] = [];
  const waiting: CompleteRun[] = [];
  // A run only waits for runs with lower ids.
  for (const id of listRunIds(store) ?? []) {
    const run = id > first && !meant.has(id) ? readRun(store, id) : undefined;
    if (run?.kind !== 'run' || !dependencyIds(run.job?.after ?? noDependencies).some((one) => meant.has(one))) continue;
    const { status, reason } = run.status;
    const hasFailed = status === 'FAILED' && /^dependency \d+ /.test(reason ?? '');
    // A worker of the local queue checks dependencies by itself.
    const waits =
      !run.attempt && !isFinalStatus(status) && run.jobId !== undefined && !isOwnEngine(run.job?.engine ?? 'here');
    if (!hasFailed && !waits) continue;
    meant.add(id);
    (hasFailed ? failed : waiting).push(run);
  }
  return { failed, waiting };
}
