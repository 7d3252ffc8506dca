import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { type FlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity } from '../core/process.js';
import { runPaths } from './paths.js';

/** One start of a run, as `run.sh` recorded it in `attempts/N.yaml`, and its end from `N.end.yaml` once it has one. */
export interface Attempt {
  readonly number: number;
  /** Undefined while the claim is being written, or where its writer died doing so. */
  readonly claim: AttemptClaim | undefined;
  readonly end: AttemptEnd | undefined;
  /** Signals that the supervisor was sent, in order. */
  readonly received: readonly string[];
}

export interface AttemptClaim {
  readonly token: string;
  readonly jobId: string | undefined;
  readonly byHand: boolean;
  readonly process: ProcessIdentity | undefined;
  /** Seconds since 1970, with fractions where bash tells them. */
  readonly start: number;
}

export interface AttemptEnd {
  readonly exitCode: number;
  /** The signal (`KILL`, `TERM`) that ended the body, by its exit code. */
  readonly signal: string | undefined;
  /** Why it ended without having run anything: what it waited for did not come about. */
  readonly unmet?: string | undefined;
  /** The step in which it ended badly, of a run that has steps. */
  readonly step?: string | undefined;
  /** Whether it was ended because its time was over, so that it can go on in another job. */
  readonly overTime?: boolean;
  /** Whether the engine was asked to start the run again. */
  readonly again?: boolean;
  /** What all of its processes used. */
  readonly cpuSeconds?: number | undefined;
  /** Bytes: the most that it used, and might use, where its memory was limited on this machine. */
  readonly peakMemory?: number | undefined;
  readonly memoryLimit?: number | undefined;
  /** Whether something of it was killed because it was over that. */
  readonly outOfMemory?: boolean;
  /** Seconds since 1970. */
  readonly end: number;
}

/** The last attempt of a run; undefined where it never started. */
export function readLastAttempt(run: string): Attempt | undefined {
  const last = lastAttemptNumber(run);
  return last === 0 ? undefined : readAttempt(run, last);
}

/** The number of the last attempt; 0 where the run never started. */
export function lastAttemptNumber(run: string): number {
  const names = ifPresent(() => readdirSync(runPaths.attempts(run))) ?? [];
  return names.reduce((last, name) => Math.max(last, Number(/^(\d+)\.yaml$/.exec(name)?.[1] ?? 0)), 0);
}

export function readAttempt(run: string, number: number): Attempt {
  // On a full disk the end stands behind the claim, as a second document of the same file.
  const [claim, laterEnd] = readRecords(runPaths.attempt(run, number));
  const [end = laterEnd] = readRecords(runPaths.attemptEnd(run, number));
  return { number, claim: claim && claimOf(claim), end: end && endOf(end), received: receivedOf(run, number, end) };
}

/** The end tells them; where there is none, because all was killed, they stand in a file of their own. */
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
    process: readProcessIdentity(fields),
    start: Number(fields.get('start_seconds')),
  };
}

const numberOf = (fields: FlatRecord, name: string) => (fields.has(name) ? Number(fields.get(name)) : undefined);

/** Bytes: the most memory that its launcher saw an attempt use; undefined where none looked. */
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
    cpuSeconds: numberOf(fields, 'cpu_seconds'),
    peakMemory: numberOf(fields, 'peak_memory'),
    memoryLimit: numberOf(fields, 'memory_limit'),
    outOfMemory: fields.has('out_of_memory'),
    end: Number(fields.get('end_seconds')),
  };
}
