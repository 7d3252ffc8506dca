import { fail } from '../../../failures/index.js';
import {
  countLaunchFailures,
  failureLimitOf,
  limitLaunchFailures,
  type RecordedLaunch,
} from '../../../launch/index.js';

/** A launch to resume, and how many of its runs are left to start. */
interface LeftLaunch<L extends RecordedLaunch> {
  readonly store: string;
  readonly launch: string;
  readonly recorded: L;
  readonly left: number;
}

/**
 * Returns the launch with the limit of its failures: the one that `--max-failures` sets now, which is then
 * recorded for its jobs too, or the one that it has. Throws `failures-reached` if runs are left and as many
 * have failed already.
 */
export function withFailureLimit<L extends RecordedLaunch>(
  { store, launch, recorded, left }: LeftLaunch<L>,
  { maxFailures, dryRun }: { readonly maxFailures?: number | undefined; readonly dryRun: boolean },
): L {
  const most = maxFailures ?? failureLimitOf(recorded.target);
  if (most === undefined || dryRun) return recorded;
  const failed = countLaunchFailures(store, launch, recorded);
  if (left > 0 && failed >= most) fail({ reason: 'failures-reached', launch, failed, most });
  if (maxFailures !== undefined) limitLaunchFailures(store, launch, recorded, most);
  return { ...recorded, target: { ...recorded.target, maxFailures: most } };
}
