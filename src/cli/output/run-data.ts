import { localIso } from '../../core/clock.js';
import { recordProblemText } from '../../failures/index.js';
import { RunRow, readProgramError } from '../../results/index.js';
import { currentJobId, dependencyIds, type Run } from '../../store/index.js';

/** Returns a run as JSON; the schema is in docs/store.md. */
export function runData(one: Run): object {
  const { id, directory } = one;
  if (one.kind === 'incomplete') return { run: id, directory, status: null, incomplete: true };
  if (one.kind === 'damaged') {
    const problem = recordProblemText(one.problem);
    return { run: id, directory, status: null, damaged: one.path, problem };
  }
  const { status, overrides, job, attempt } = one;
  const error = readProgramError(one, attempt);
  const { start, seconds } = new RunRow(one).times;
  return {
    run: id,
    directory,
    status: status.status,
    reason: status.reason ?? null,
    error: error?.text ?? null,
    error_place: error?.place ?? null,
    overrides,
    launch: job?.launch ?? null,
    point: job?.point ?? null,
    engine: job?.engine ?? null,
    job_id: currentJobId(one) ?? null,
    name: job?.name ?? null,
    after: job?.after ? dependencyIds(job.after) : [],
    attempt: attempt?.number ?? 0,
    expected_start:
      one.engine?.expectedStart === undefined ? null : localIso(new Date(one.engine.expectedStart * 1000)),
    exit_code: attempt?.end?.exitCode ?? null,
    start: start ? localIso(start) : null,
    seconds: seconds ?? null,
  };
}
