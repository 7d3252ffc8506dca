import { readFileSync } from 'node:fs';
import { processIds, trySignal } from './process.js';

/**
 * Signals the processes of this host that have this entry (`NAME=value`) in their environment: proc(5), the
 * environment at their start. Finds the descendants of a command whose parents have ended already. Does
 * nothing without /proc.
 */
export function signalMarked(entry: string, signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of processIds()) if (pid !== process.pid && isMarked(pid, entry)) trySignal(pid, signal);
}

function isMarked(pid: number, entry: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
