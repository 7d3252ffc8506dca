import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { type FlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity } from '../core/process.js';
import { runPaths } from './paths.js';

/**
 * One start of a run. `run.sh` records the start in `attempts/N.yaml` and the end in `attempts/N.end.yaml`.
 */
export interface Attempt {
  readonly number: number;
  /** Undefined while it is being written, or if its writer was killed. */
  readonly claim: AttemptClaim | undefined;
  readonly end: AttemptEnd | undefined;
  /** The signals that the supervisor received, in order. */
  readonly received: readonly string[];
}

interface AttemptClaim {
  readonly token: string;
  readonly jobId: string | undefined;
  readonly byHand: boolean;
  /** The node as its engine calls it; undefined if that is the host's name. */
  readonly node?: string | undefined;
  readonly process: ProcessIdentity | undefined;
  /** Seconds since 1970, with fractions if bash has them. */
  readonly start: number;
}

export interface AttemptEnd {
  readonly exitCode: number;
  /** The signal (`KILL`, `TERM`) that ended the program, from its exit code. */
  readonly signal: string | undefined;
  /** Why it ended without running anything: `dependency 12 failed`. */
  readonly unmet?: string | undefined;
  /** The step that failed, of a run with steps. */
  readonly step?: string | undefined;
  /** True if it was stopped at its time limit so that it can continue in another job. */
  readonly overTime?: boolean;
  /** True if it asked the engine to start the run again. */
  readonly again?: boolean;
  /** Why it failed, if it was left to be tried again: `exit code 3`, `out of memory`. */
  readonly retry?: string | undefined;
  /** CPU seconds of all its processes. */
  readonly cpuSeconds?: number | undefined;
  /** Bytes: its peak and its limit, if mlx limited its memory. */
  readonly peakMemory?: number | undefined;
  readonly memoryLimit?: number | undefined;
  /** True if one of its processes was killed at that limit. */
  readonly outOfMemory?: boolean;
  /** Seconds since 1970. */
  readonly end: number;
}

/** Returns the last attempt of a run, or undefined if it never started. */
export function readLastAttempt(run: string): Attempt | undefined {
  const last = lastAttemptNumber(run);
  return last === 0 ? undefined : readAttempt(run, last);
}

/** Returns the number of the last attempt, or 0 if the run never started. */
export function lastAttemptNumber(run: string): number {
  const names = ifPresent(() => readdirSync(runPaths.attempts(run))) ?? [];
  return names.reduce((last, name) => Math.max(last, Number(/^(\d+)\.yaml$/.exec(name)?.[1] ?? 0)), 0);
}

/** Reads one attempt of a run. A record that is missing or incomplete is undefined. */
export function readAttempt(run: string, number: number): Attempt {
  // On a full disk the end is appended to the claim, as a second YAML document in the same file.
  const [claim, laterEnd] = readRecords(runPaths.attempt(run, number));
  const [end = laterEnd] = readRecords(runPaths.attemptEnd(run, number));
  return { number, claim: claim && claimOf(claim), end: end && endOf(end), received: receivedOf(run, number, end) };
}

/**
 * Returns the signals from the end, or from a file of their own if the end is missing because everything was
 * killed.
 */
function receivedOf(run: string, number: number, end: FlatRecord | undefined): string[] {
  if (end) return end.get('signals_received')?.split(' ') ?? [];
  const path = runPaths.attemptSignals(run, number);
  const text = existsSync(path) ? (ifPresent(() => readFileSync(path, 'utf8')) ?? '') : '';
  return [...text.matchAll(/^([A-Z]+\d*) /gm)].map(([, name = '']) => name);
}

function readRecords(path: string): (FlatRecord | undefined)[] {
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  return text === undefined ? [] : text.split(/^---\n/m).map(parseFlatRecord);
}

function claimOf(fields: FlatRecord): AttemptClaim {
  return {
    token: fields.get('token') ?? '',
    jobId: fields.get('job'),
    byHand: fields.get('by_hand') === 'true',
    node: fields.get('node'),
    process: readProcessIdentity(fields),
    start: Number(fields.get('start_seconds')),
  };
}

const numberOf = (fields: FlatRecord, name: string) => (fields.has(name) ? Number(fields.get(name)) : undefined);

/** Returns the peak memory of an attempt that its launcher measured, in bytes, or undefined if none did. */
export function seenPeakMemory(run: string, number: number): number | undefined {
  const fields = readRecords(runPaths.attemptUsage(run, number))[0];
  return fields && numberOf(fields, 'peak_memory');
}

function endOf(fields: FlatRecord): AttemptEnd {
  return {
    exitCode: Number(fields.get('exit_code')),
    signal: fields.get('signal'),
    unmet: fields.get('unmet'),
    step: fields.get('step'),
    overTime: fields.has('over_time'),
    again: fields.has('again'),
    retry: fields.get('retry'),
    cpuSeconds: numberOf(fields, 'cpu_seconds'),
    peakMemory: numberOf(fields, 'peak_memory'),
    memoryLimit: numberOf(fields, 'memory_limit'),
    outOfMemory: fields.has('out_of_memory'),
    end: Number(fields.get('end_seconds')),
  };
}
