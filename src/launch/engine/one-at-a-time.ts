import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, isThisProcess } from '../../core/process.js';
import { fail } from '../../failures/index.js';
import { claimSubmitting, isLaunchDone, readLaunchOwner, type Submitting } from '../../store/index.js';

/** Seconds to wait for another process that submits jobs of the same launch. */
const patience = 30;

/**
 * Resolves when this process alone submits jobs of a launch with `--max-running`: what is open must not
 * change between the look at it and the submission. Throws `launch-alive` if another process goes on with it.
 */
export async function submittingAlone(store: string, launch: string): Promise<Submitting> {
  const owner = readLaunchOwner(store, launch).process;
  if (owner && !isThisProcess(owner) && isAlive(owner) && !isLaunchDone(store, launch)) {
    fail({ reason: 'launch-alive', launch, host: owner.host, pid: owner.pid, seen: true });
  }
  for (const end = Date.now() + patience * 1000; ; await sleep(200)) {
    const claimed = claimSubmitting(store, launch);
    if (!('holder' in claimed)) return claimed;
    const { host, pid } = claimed.holder;
    if (Date.now() > end) fail({ reason: 'launch-alive', launch, host, pid, seen: true });
  }
}
