import { existsSync, statSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { isAlive } from '../core/process.js';
import { MlxError, type RecordProblem } from '../failures/index.js';
import { jobIdOf } from './array-record.js';
import { type Attempt, readLastAttempt } from './attempts.js';
import { readEngineAnswer } from './engine-record.js';
import { infoStatus } from './info-status.js';
import { type JobRecord, readJob } from './job-record.js';
import { readOverrides } from './overrides-file.js';
import { runPaths, storePaths } from './paths.js';
import { type EngineAnswer, hasStarted, isFinalStatus, type RunStatus, type Status, statusOf } from './status.js';

/** A run as its directory tells it. */
export type Run = CompleteRun | IncompleteRun | DamagedRun;

/** A directory that was claimed and never finished: its launcher died, or is just at it. */
export interface IncompleteRun {
  readonly kind: 'incomplete';
  readonly id: number;
  readonly directory: string;
}

/** A run with a record that makes no sense: cut short, or edited. */
export interface DamagedRun {
  readonly kind: 'damaged';
  readonly id: number;
  readonly directory: string;
  /** The file, and what is wrong with it. */
  readonly path: string;
  readonly problem: RecordProblem;
}

export interface CompleteRun {
  readonly kind: 'run';
  readonly id: number;
  readonly directory: string;
  readonly status: RunStatus;
  /** The point in source spelling; empty for a run of MLXP. */
  readonly overrides: readonly string[];
  /** Undefined for a run of MLXP. */
  readonly job: JobRecord | undefined;
  readonly attempt: Attempt | undefined;
  /** The engine's id of its job; undefined where there is none, or not yet. */
  readonly jobId: string | undefined;
  /** What the engine said last: now, where it was asked, or when the job had ended. */
  readonly engine: EngineAnswer | undefined;
}

/** What engines answered just now, by run. */
export type EngineAnswers = ReadonlyMap<number, EngineAnswer>;

/** Reads one run; undefined where the directory does not exist. */
export function readRun(store: string, id: number, answers?: EngineAnswers): Run | undefined {
  const directory = storePaths.run(store, id);
  if (!existsSync(runPaths.info(directory))) {
    // A file of that name is no run, and takes the number all the same.
    return isDirectory(directory) ? { kind: 'incomplete', id, directory } : undefined;
  }
  try {
    const job = readJob(directory);
    const overrides = readOverrides(directory) ?? [];
    const attempt = job && readLastAttempt(directory);
    if (!job) {
      const status = foreignStatus(directory);
      return { kind: 'run', id, directory, status, overrides, job, attempt, jobId: undefined, engine: undefined };
    }
    const jobId = jobIdOf(store, job);
    const engine = readEngineAnswer(directory, job, attempt);
    const run: CompleteRun = {
      kind: 'run',
      id,
      directory,
      status: runStatus(job, attempt, engine, jobId !== undefined),
      overrides,
      job,
      attempt,
      jobId,
      engine,
    };
    return answers ? withAnswer(run, answers.get(id)) : run;
  } catch (error) {
    if (!(error instanceof MlxError) || error.failure.reason !== 'broken-record') throw error;
    const { path, problem } = error.failure;
    return { kind: 'damaged', id, directory, path, problem };
  }
}

function isDirectory(path: string): boolean {
  return ifPresent(() => statSync(path))?.isDirectory() ?? false;
}

/** The status of a run, by its records and what its engine said; where it runs on this machine, also by what is seen of it. */
export function runStatus(
  job: JobRecord,
  attempt: Attempt | undefined,
  engine?: EngineAnswer,
  submitted = false,
): RunStatus {
  return statusOf({
    job,
    attempt,
    engine,
    // Without a whole claim nobody knows the supervisor; its launcher stands in for it.
    supervisorAlive: attempt && isAlive(attempt.claim?.process ?? job.launcher),
    launcherAlive: isAlive(job.launcher),
    submitted,
  });
}

/** The run as it is by what its engine answered just now. */
export function withAnswer(run: CompleteRun, answer: EngineAnswer | undefined): CompleteRun {
  if (!run.job || !answer) return run;
  const { job, attempt, jobId } = run;
  return { ...run, engine: answer, status: runStatus(job, attempt, answer, jobId !== undefined) };
}

/** Whether only its engine can tell what has become of a run: its job was submitted, and its records are not the last word. */
export function needsEngine({ job, attempt, jobId, engine, status }: CompleteRun): boolean {
  if (!job || jobId === undefined || (engine && isFinalStatus(engine.state))) return false;
  const { end, received = [] } = hasStarted(job, attempt) ? (attempt ?? {}) : {};
  // What ended by itself has no more to be told; what was made to end may have been so by anyone.
  return (
    end === undefined ||
    (status.status !== 'COMPLETE' && (end.signal !== undefined || received.length > 0 || end.again === true))
  );
}

const mlxpStatuses: readonly Status[] = ['STARTING', 'RUNNING', 'COMPLETE', 'FAILED'];

/** MLXP has only the word in `info.yaml`, at the left margin of its first line. */
function foreignStatus(directory: string): RunStatus {
  const word = infoStatus(directory);
  const status = mlxpStatuses.find((known) => known === word);
  return status ? { status, reason: undefined } : { status: 'LOST', reason: 'info.yaml tells no status' };
}

/** Seconds that the last attempt ran, up to `now` (seconds since 1970) while it runs; undefined before it started. */
export function runSeconds({ attempt, status }: CompleteRun, now: number): number | undefined {
  if (!attempt?.claim) return undefined;
  const end = attempt.end?.end ?? (status.status === 'RUNNING' ? now : undefined);
  return end === undefined ? undefined : Math.max(0, end - attempt.claim.start);
}
