import { readFileSync } from 'node:fs';
import { processIds, trySignal } from '../core/process.js';
import type { WarningSignal } from '../resources/index.js';

/** The signals that mlx sends. */
export type Signal = 'SIGTERM' | 'SIGQUIT' | 'SIGKILL' | `SIG${WarningSignal}`;

/**
 * Signals every process of a session: proc(5), field 6 of stat. Without /proc only the process group of its
 * leader.
 */
export function killSession(leader: number | undefined, signal: Signal): void {
  if (leader === undefined) return;
  for (const pid of processIds()) if (sessionOf(pid) === leader) trySignal(pid, signal);
  trySignal(-leader, signal);
}

/**
 * Returns the session of a process: proc(5), field 6 of stat. Undefined if it has ended, or without /proc.
 */
export function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
}

/** Asks a supervisor on this host to end its run. */
export function signalSupervisor(pid: number): void {
  trySignal(pid, 'SIGTERM');
}
