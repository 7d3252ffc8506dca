import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import once from 'lodash/once.js';
import { errnoCode } from './errno.js';
import type { FlatRecord } from './flat-record.js';

/** A process that no later one can be mistaken for. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Boot id and clock ticks, or `unknown` where the system does not tell. */
  readonly start: string;
}

let bootId: string | undefined;

/**
 * When a process of this host started: boot id and clock ticks (proc(5), field 22 of stat), as `run.sh` writes it;
 * `unknown` where there is no /proc; undefined where there is no such process.
 */
export function processStart(pid: number): string | undefined {
  bootId ??= readQuietly('/proc/sys/kernel/random/boot_id')?.trim();
  if (bootId === undefined) return signalReaches(pid) ? 'unknown' : undefined;
  const stat = readQuietly(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : `${bootId}.${fields[18]}`;
}

function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoCode(error) === 'EPERM';
  }
}

/** This host's name. Ten thousand runs ask for it. */
export const thisHost: () => string = once(hostname);

/** This process, as records name it. */
export function thisProcess(): ProcessIdentity {
  return { host: thisHost(), pid: process.pid, start: processStart(process.pid) ?? 'unknown' };
}

/** Whether a process lives; undefined where it is on another host. */
export function isAlive(identity: ProcessIdentity | undefined): boolean | undefined {
  if (!identity || identity.host !== thisHost()) return undefined;
  return processStart(identity.pid) === identity.start;
}

/** The process that a record names with `host`, `pid` and `process_start`. */
export function readProcessIdentity(fields: FlatRecord): ProcessIdentity | undefined {
  const host = fields.get('host');
  const pid = Number(fields.get('pid'));
  return host === undefined || !pid ? undefined : { host, pid, start: fields.get('process_start') ?? 'unknown' };
}
