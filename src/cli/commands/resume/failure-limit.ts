import { fail } from '../../../failures/index.js';
import {
  countLaunchFailures,
  failureLimitOf,
  limitLaunchFailures,
  type RecordedLaunch,
} from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { goOnCommand } from '../../launching/go-on.js';

/** A launch to resume, and how many of its runs are left to start. */
interface LeftLaunch<L extends RecordedLaunch> {
  readonly store: string;
  readonly launch: string;
  readonly recorded: L;
  readonly left: number;
}

/**
 * Resolves to the launch with the limit of its failures: the one that `--max-failures` sets now, which is
 * then recorded for its jobs too, or the one that it has. Rejects with `failures-reached` if runs are left
 * and as many have failed already.
 */
export async function withFailureLimit<L extends RecordedLaunch>(
  { store, launch, recorded, left }: LeftLaunch<L>,
  { maxFailures, dryRun }: { readonly maxFailures?: number | undefined; readonly dryRun: boolean },
  io: Io,
): Promise<L> {
  const most = maxFailures ?? failureLimitOf(recorded.target);
  if (most === undefined || dryRun) return recorded;
  const failed = countLaunchFailures(store, launch, recorded);
  if (left > 0 && failed >= most) {
    const again = await goOnCommand(launch, store, io);
    fail({ reason: 'failures-reached', launch, failed, most, again });
  }
  if (maxFailures !== undefined) limitLaunchFailures(store, launch, recorded, most);
  return { ...recorded, target: { ...recorded.target, maxFailures: most } };
}
