import { accessSync, constants, statSync } from 'node:fs';
import { errnoPath, ifPresent, isDenied } from '../core/errno.js';
import { isAlive } from '../core/process.js';
import { MlxError, type RecordProblem } from '../failures/index.js';
import { type Attempt, readLastAttempt } from './attempts.js';
import { type EngineAnswer, readEngineAnswer } from './engine-record.js';
import { infoStatus } from './info-status.js';
import { jobIdOf } from './job-id.js';
import { type JobRecord, readJob } from './job-record.js';
import { readOverrides } from './overrides-file.js';
import { runPaths, storePaths } from './paths.js';
import { hasStarted, statusOf } from './status.js';
import { isFinalStatus, type RunStatus, type Status } from './statuses.js';
import { withTurnedAway } from './turned-away.js';

/** A run, read from its directory. */
export type Run = CompleteRun | IncompleteRun | DamagedRun;

/** A directory that was claimed and not filled: its launcher died, or is still at it. */
interface IncompleteRun {
  readonly kind: 'incomplete';
  readonly id: number;
  readonly directory: string;
}

/** A run with a broken record: cut short, or edited, or not to be read by this user. */
interface DamagedRun {
  readonly kind: 'damaged';
  readonly id: number;
  readonly directory: string;
  /** The broken file, and what is wrong with it. */
  readonly path: string;
  readonly problem: RecordProblem;
}

/** A run whose directory is complete. */
export interface CompleteRun {
  readonly kind: 'run';
  readonly id: number;
  readonly directory: string;
  readonly status: RunStatus;
  /** The point's overrides, spelled as in the source; empty for a run of MLXP. */
  readonly overrides: readonly string[];
  /** Undefined for a run of MLXP. */
  readonly job: JobRecord | undefined;
  readonly attempt: Attempt | undefined;
  /** The id of its job in the engine; undefined if it has none yet, or no engine. */
  readonly jobId: string | undefined;
  /** The engine's last answer: from now if it was asked, else from when the job had ended. */
  readonly engine: EngineAnswer | undefined;
}

/** What engines answered just now, by run id. */
export type EngineAnswers = ReadonlyMap<number, EngineAnswer>;

/** Reads one run. Returns undefined if the directory does not exist. Throws the system's error. */
export function readRun(store: string, id: number, answers?: EngineAnswers): Run | undefined {
  const directory = storePaths.run(store, id);
  const info = runPaths.info(directory);
  if (!canRead(info)) {
    if (isHidden(info)) return { kind: 'damaged', id, directory, path: info, problem: { kind: 'denied' } };
    // A file with this name is no run, although it occupies the number.
    return isDirectory(directory) ? { kind: 'incomplete', id, directory } : undefined;
  }
  try {
    const recorded = readJob(directory);
    const overrides = readOverrides(directory) ?? [];
    const attempt = recorded && readLastAttempt(directory);
    if (!recorded) {
      const status = foreignStatus(directory);
      const job = undefined;
      return { kind: 'run', id, directory, status, overrides, job, attempt, jobId: undefined, engine: undefined };
    }
    const job = withTurnedAway(directory, recorded, attempt);
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
    // Somebody else's run, in a store that several users share.
    if (isDenied(error)) {
      return { kind: 'damaged', id, directory, path: errnoPath(error) ?? directory, problem: { kind: 'denied' } };
    }
    if (!(error instanceof MlxError) || error.failure.reason !== 'broken-record') throw error;
    const { path, problem } = error.failure;
    return { kind: 'damaged', id, directory, path, problem };
  }
}

/** Costs no more than looking whether the file exists. */
function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns true if the file may be there, but this user may not read it. */
function isHidden(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    return isDenied(error);
  }
}

function isDirectory(path: string): boolean {
  return ifPresent(() => statSync(path))?.isDirectory() ?? false;
}

/**
 * Returns the status of a run from its records, its engine's answer and, if it runs on this machine, its
 * processes.
 */
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
    // Without a complete claim the supervisor is unknown, and the launcher stands in for it.
    supervisorAlive: attempt && isAlive(attempt.claim?.process ?? job.launcher),
    launcherAlive: isAlive(job.launcher),
    submitted,
  });
}

/** Returns the run with the status that its engine's answer leads to. */
export function withAnswer(run: CompleteRun, answer: EngineAnswer | undefined): CompleteRun {
  if (!run.job || !answer) return run;
  const { job, attempt, jobId } = run;
  return { ...run, engine: answer, status: runStatus(job, attempt, answer, jobId !== undefined) };
}

/**
 * Returns whether the engine must be asked about a run: its job was submitted, and its records do not show
 * how it ended.
 */
export function needsEngine({ job, attempt, jobId, engine, status }: CompleteRun): boolean {
  if (!job || jobId === undefined || job.verdict?.turnedAway || (engine && isFinalStatus(engine.state))) return false;
  const { end, received = [] } = hasStarted(job, attempt) ? (attempt ?? {}) : {};
  // An attempt that ended by itself is explained by its record. Only the engine knows why an attempt was made
  // to end.
  return (
    end === undefined ||
    (status.status !== 'COMPLETE' &&
      (end.signal !== undefined || received.length > 0 || end.again === true || end.retry !== undefined))
  );
}

const mlxpStatuses: readonly Status[] = ['STARTING', 'RUNNING', 'COMPLETE', 'FAILED'];

/** Returns the status of a run of MLXP, which has only the word in the first line of `info.yaml`. */
function foreignStatus(directory: string): RunStatus {
  const word = infoStatus(directory);
  const status = mlxpStatuses.find((known) => known === word);
  return status ? { status, reason: undefined } : { status: 'LOST', reason: 'info.yaml tells no status' };
}

/**
 * Returns how many seconds the last attempt ran, or has run until `now` (seconds since 1970). Undefined if it
 * never started.
 */
export function runSeconds({ attempt, status }: CompleteRun, now: number): number | undefined {
  if (!attempt?.claim) return undefined;
  const end = attempt.end?.end ?? (status.status === 'RUNNING' ? now : undefined);
  return end === undefined ? undefined : Math.max(0, end - attempt.claim.start);
}
