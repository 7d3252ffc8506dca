import { readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { type FlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity } from '../core/process.js';
import { runPaths } from './store.js';

/** One start of a run, as `run.sh` recorded it in `attempts/N.yaml`, and its end from `N.end.yaml` once it has one. */
export interface Attempt {
  readonly number: number;
  /** Undefined while the claim is being written, or where its writer died doing so. */
  readonly claim: AttemptClaim | undefined;
  readonly end: AttemptEnd | undefined;
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
  /** Signals that the supervisor was sent, in order. */
  readonly received: readonly string[];
  /** Why it ended without having run anything: what it waited for did not come about. */
  readonly unmet?: string | undefined;
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
  return { number, claim: claim && claimOf(claim), end: end && endOf(end) };
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

function endOf(fields: FlatRecord): AttemptEnd {
  return {
    exitCode: Number(fields.get('exit_code')),
    signal: fields.get('signal'),
    received: fields.get('signals_received')?.split(' ') ?? [],
    unmet: fields.get('unmet'),
    end: Number(fields.get('end_seconds')),
  };
}
