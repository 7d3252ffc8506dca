import { trySignal } from '../core/process.js';
import { isBeingMade, markLaunchStopped, readLaunchOwner } from '../store/index.js';

/**
 * Tells the processes on this host that carry these launches out to start nothing more, and to end what they
 * have started. Returns the launches that were told.
 */
export function stopLaunches(store: string, launches: readonly string[], reason: string): string[] {
  return launches.filter((launch) => {
    const { process } = readLaunchOwner(store, launch);
    if (!process || !isBeingMade(store, launch)) return false;
    markLaunchStopped(store, launch, reason);
    trySignal(process.pid, 'SIGTERM');
    return true;
  });
}
