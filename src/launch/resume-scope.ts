import { type CompleteRun, isLaunchDone, type RunStatus, stopReasonOf } from '../store/index.js';

/** Which of a launch's runs are taken up when the launch is resumed. */
export interface ResumeScope {
  /** Runs that somebody stopped on purpose, with `mlx stop` or in their engine. */
  readonly stopped: boolean;
  /**
   * Points without a run. Of a launch that was done they had one, which was deleted; of one that was stopped
   * on purpose they are not wanted.
   */
  readonly missing: boolean;
}

/** The scope of a launch that is named: all that is not there, or ended early. */
export const wholeScope: ResumeScope = { stopped: true, missing: true };

/** The scope of a launch that nobody named: what it has left, and nothing that was ended on purpose. */
export const leftScope = (store: string, launch: string): ResumeScope => ({
  stopped: false,
  missing: !isLaunchDone(store, launch) && stopReasonOf(store, launch) === undefined,
});

/**
 * Returns whether a run was stopped on purpose: by `mlx stop`, or in its engine. A run that was stopped since
 * its launch was (Ctrl-C, a signal, `--fail-fast`) was not, and is left to do.
 */
export function isStoppedOnPurpose({
  job,
  status,
}: Pick<CompleteRun, 'job'> & { readonly status: RunStatus }): boolean {
  if (status.status !== 'STOPPED') return false;
  return job?.verdict?.status === 'STOPPED'
    ? job.verdict.reason.startsWith('stopped by mlx ')
    : status.reason !== 'interrupted by hand';
}

/** Returns how many of the points without a run are to be made, and how many were stopped on purpose. */
export function missingCounts(
  missing: number,
  { store, launch, scope }: { readonly store: string; readonly launch: string; readonly scope: ResumeScope },
): { readonly create: number; readonly stopped: number } {
  if (scope.missing) return { create: missing, stopped: 0 };
  return { create: 0, stopped: isLaunchDone(store, launch) ? 0 : missing };
}
