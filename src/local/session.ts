import { readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import type { WarningSignal } from '../engines/index.js';

/** The signals that mlx sends. */
export type Signal = 'SIGTERM' | 'SIGQUIT' | 'SIGKILL' | `SIG${WarningSignal}`;

/** Signals every process of a session (proc(5), field 6 of stat); where there is no /proc, its leader's group. */
export function killSession(leader: number | undefined, signal: Signal): void {
  if (leader === undefined) return;
  const pids = ifPresent(() => readdirSync('/proc'))?.filter((name) => /^\d+$/.test(name)) ?? [];
  for (const pid of pids.map(Number)) if (sessionOf(pid) === leader) trySignal(pid, signal);
  trySignal(-leader, signal);
}

/** The session that a process is in (proc(5), field 6 of stat); undefined where that can't be told. */
export function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
}

/** Signals a process that may have ended meanwhile. */
export function trySignal(pid: number, signal: Signal): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Asks a supervisor of this host to end its run. */
export function signalSupervisor(pid: number): void {
  trySignal(pid, 'SIGTERM');
}
