import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import type { Attempt } from './attempts.js';
import type { JobRecord } from './job-record.js';
import { runPaths } from './paths.js';
import { type EngineAnswer, isFinalStatus } from './status.js';

/**
 * Keeps an engine's last word about a run's job in `metadata/engine.yaml`, for engines forget. It is about one submission and what
 * was its last attempt then; what starts later is not bound by it.
 */
export function writeEngineAnswer(
  run: string,
  job: JobRecord,
  attempt: Attempt | undefined,
  answer: EngineAnswer,
): void {
  const text = formatFlatRecord({
    token: job.token,
    attempt: attempt?.number ?? 0,
    state: answer.state,
    word: answer.word,
    reason: answer.reason ?? null,
    exit_code: answer.exitCode ?? null,
    signal: answer.signal ?? null,
    peak_memory: answer.peakMemory ?? null,
  });
  writeFileAtomic(runPaths.engine(run), text);
}

/** What `metadata/engine.yaml` says, where it is about this submission and attempt. */
export function readEngineAnswer(run: string, job: JobRecord, attempt: Attempt | undefined): EngineAnswer | undefined {
  const path = runPaths.engine(run);
  // Most runs have none, and a failing read costs more than a look.
  const text = existsSync(path) ? ifPresent(() => readFileSync(path, 'utf8')) : undefined;
  const fields = text === undefined ? undefined : parseFlatRecord(text);
  const state = fields?.get('state');
  if (!fields || state === undefined || !isFinalStatus(state)) return undefined;
  if (fields.get('token') !== job.token || Number(fields.get('attempt')) !== (attempt?.number ?? 0)) return undefined;
  const number = (name: string) => (fields.has(name) ? Number(fields.get(name)) : undefined);
  return {
    state,
    word: fields.get('word') ?? '',
    reason: fields.get('reason'),
    exitCode: number('exit_code'),
    signal: fields.get('signal'),
    peakMemory: number('peak_memory'),
  };
}
