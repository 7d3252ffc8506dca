import { readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from './errno.js';

/**
 * Signals the processes of this host that have this entry (`NAME=value`) in their environment: proc(5), the
 * environment at their start. Finds the descendants of a command whose parents have ended already. Does
 * nothing without /proc.
 */
export function signalMarked(entry: string, signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const name of ifPresent(() => readdirSync('/proc')) ?? []) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || !isMarked(name, entry)) continue;
    try {
      process.kill(Number(name), signal);
    } catch {
      // It has ended.
    }
  }
}

function isMarked(pid: string, entry: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
