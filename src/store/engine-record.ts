import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import type { Attempt } from './attempts.js';
import type { JobRecord } from './job-record.js';
import { runPaths } from './paths.js';
import { type FinalStatus, isFinalStatus } from './statuses.js';

/**
 * What an engine answered about a run's job. `unknown` is a word that mlx does not know: the job counts as
 * alive. `gone` means that the engine was asked and does not know the job. `lost` means that the job has been
 * gone for longer than a slow disk explains.
 */
export interface EngineAnswer {
  readonly state: 'queued' | 'held' | 'running' | 'unknown' | 'gone' | 'lost' | FinalStatus;
  /** The engine's own word or reason. */
  readonly word: string;
  /** Why, in words for people; undefined if the word says it all. */
  readonly reason?: string | undefined;
  readonly exitCode?: number | undefined;
  /** The signal that ended the job, without `SIG`. */
  readonly signal?: string | undefined;
  /** Bytes. */
  readonly peakMemory?: number | undefined;
  /** Bytes that the job asked for. */
  readonly askedMemory?: number | undefined;
  /** When a waiting job is expected to start. Seconds since 1970. */
  readonly expectedStart?: number | undefined;
  /** Undefined unless somebody asked for it. */
  readonly queuePosition?: QueuePosition | undefined;
  /** The job's id now, for engines that restart jobs under a new id. */
  readonly jobId?: string | undefined;
  /** True if the answer holds only for a run that has left no trace, because the job has left none. */
  readonly traceless?: boolean | undefined;
  /**
   * Of a held job: true if its owner holds it, false if not. Some engines also call a job held that waits for
   * others. Undefined if it is not known.
   */
  readonly byHand?: boolean | undefined;
  /** True if the job can't start unless something changes, so that waiting does not help. */
  readonly stuck?: boolean | undefined;
}

/** A job's position among all waiting jobs of its engine. */
export interface QueuePosition {
  /** From 1. */
  readonly place: number;
  /** How many jobs wait. */
  readonly of: number;
}

/**
 * Saves an engine's final answer about a run's job in `metadata/engine.yaml`, because engines forget their
 * jobs. The answer applies to one submission and to its last attempt at that time, not to later ones.
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

/** Reads `metadata/engine.yaml`. Returns undefined unless it is about this submission and this attempt. */
export function readEngineAnswer(run: string, job: JobRecord, attempt: Attempt | undefined): EngineAnswer | undefined {
  const path = runPaths.engine(run);
  // Most runs have no such file, and a failing read costs more than a look.
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
