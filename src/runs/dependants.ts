import { isOwnEngine } from '../engines/index.js';
import { type CompleteRun, dependencyIds, isFinalStatus, listRunIds, noDependencies, readRun } from '../store/index.js';

/** The runs that are to follow when others are submitted again. */
export interface Dependants {
  /** They did not start because of one of those. */
  readonly failed: readonly CompleteRun[];
  /** They wait in an engine for the jobs that those had. */
  readonly waiting: readonly CompleteRun[];
}

/** The runs that wait for one of these, or have failed because of it, and those that wait for them in turn. */
export function dependantsOf(store: string, ids: readonly number[]): Dependants {
  const meant = new Set(ids);
  const first = Math.min(...ids);
  const failed: CompleteRun[] = [];
  const waiting: CompleteRun[] = [];
  // A run waits for such with lower ids.
  for (const id of listRunIds(store) ?? []) {
    const run = id > first && !meant.has(id) ? readRun(store, id) : undefined;
    if (run?.kind !== 'run' || !dependencyIds(run.job?.after ?? noDependencies).some((one) => meant.has(one))) continue;
    const { status, reason } = run.status;
    const hasFailed = status === 'FAILED' && /^dependency \d+ /.test(reason ?? '');
    // What works on the local queue looks how things are.
    const waits =
      !run.attempt && !isFinalStatus(status) && run.jobId !== undefined && !isOwnEngine(run.job?.engine ?? 'here');
    if (!hasFailed && !waits) continue;
    meant.add(id);
    (hasFailed ? failed : waiting).push(run);
  }
  return { failed, waiting };
}
