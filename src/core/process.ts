import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import isEqual from 'lodash/isEqual.js';
import once from 'lodash/once.js';
import { errnoCode, ifPresent } from './errno.js';
import type { FlatRecord } from './flat-record.js';

/** Identifies a process, so that a later one with the same number is not mistaken for it. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Boot id and clock ticks, or `unknown` without /proc. */
  readonly start: string;
}

let bootId: string | undefined;

/**
 * Returns when a process of this host started, as `run.sh` writes it: boot id and clock ticks (proc(5), field
 * 22 of stat). `unknown` without /proc. Undefined if there is no such process.
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

/** Returns this host's name. Cached, because ten thousand runs ask for it. */
const thisHost: () => string = once(hostname);

/** Returns the identity of this process. */
export function thisProcess(): ProcessIdentity {
  return { host: thisHost(), pid: process.pid, start: processStart(process.pid) ?? 'unknown' };
}

/** Returns the identity of a process of this host; undefined if it has ended. */
export function processWithId(pid: number): ProcessIdentity | undefined {
  const start = processStart(pid);
  return start === undefined ? undefined : { host: thisHost(), pid, start };
}

/** Returns whether an identity is that of this process. */
export const isThisProcess = (identity: ProcessIdentity | undefined): boolean => isEqual(identity, thisProcess());

/** Returns the numbers of the processes of this host; [] without /proc. */
export const processIds = (): number[] =>
  (ifPresent(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);

/** Signals a process. Does nothing if the process has ended. */
export function trySignal(pid: number, signal: `SIG${string}`): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Returns whether a process is alive. Undefined if it is unknown or on another host. */
export function isAlive(identity: ProcessIdentity | undefined): boolean | undefined {
  if (!identity || identity.host !== thisHost()) return undefined;
  return processStart(identity.pid) === identity.start;
}

/**
 * Returns the process in the fields `host`, `pid` and `process_start` of a record, or undefined if missing.
 */
export function readProcessIdentity(fields: FlatRecord): ProcessIdentity | undefined {
  const host = fields.get('host');
  const pid = Number(fields.get('pid'));
  return host === undefined || !pid ? undefined : { host, pid, start: fields.get('process_start') ?? 'unknown' };
}
