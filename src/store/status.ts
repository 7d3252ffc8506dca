import { rangesText } from '../core/consecutive.js';
import type { Attempt, AttemptEnd } from './attempts.js';
import { dependencyIds } from './dependencies.js';
import type { EngineAnswer } from './engine-record.js';
import type { JobRecord } from './job-record.js';
import { type FinalStatus, isFinalStatus, type RunStatus, type Status } from './statuses.js';

/** Everything that a run's status depends on. */
export interface StatusFacts {
  readonly job: JobRecord;
  readonly attempt: Attempt | undefined;
  /** Undefined if the engine was not asked, or if there is none (`here`). */
  readonly engine: EngineAnswer | undefined;
  /** Whether the supervisor of the last attempt lives; undefined if it is on another host. */
  readonly supervisorAlive: boolean | undefined;
  /** Whether the launcher that will start the run lives; undefined if it is on another host. */
  readonly launcherAlive: boolean | undefined;
  /** Whether an engine has accepted the run's job. */
  readonly submitted: boolean;
}

interface Row {
  readonly rule: string;
  readonly when: (facts: StatusFacts) => boolean;
  readonly status: (facts: StatusFacts) => RunStatus;
}

const finalStateOf = (engine: EngineAnswer | undefined): FinalStatus | undefined =>
  engine && isFinalStatus(engine.state) ? engine.state : undefined;

const is = (status: Status, reason?: string) => (): RunStatus => ({ status, reason });
const byVerdict = (facts: StatusFacts): RunStatus => ({
  status: facts.job.verdict?.status ?? 'LOST',
  reason: withKilled(facts.job.verdict?.reason, facts),
});
const byEngine = (facts: StatusFacts): RunStatus => ({
  status: finalStateOf(facts.engine) ?? 'LOST',
  reason: withKilled(facts.engine?.reason ?? facts.engine?.word, facts),
});
const waiting = ({ engine }: StatusFacts) => engine?.reason;
/** Adds why the engine does not know the job, if it says so. */
const isGone =
  (status: Status, text: string) =>
  (facts: StatusFacts): RunStatus => {
    const why = facts.engine?.reason;
    return { status, reason: why === undefined ? text : `${text} (${why})` };
  };
const engineLives = ({ engine }: StatusFacts) =>
  engine !== undefined && ['queued', 'held', 'running', 'unknown'].includes(engine.state);
/** A verdict is about one attempt. It does not apply to a later one. */
const verdictHolds = ({ job, attempt }: StatusFacts) =>
  !!job.verdict &&
  (!attempt ||
    job.verdict.attempt === attempt.number ||
    // Stopped while it waited to be tried again.
    (attempt.end?.retry !== undefined && job.verdict.attempt === attempt.number + 1));
const engineEnded = ({ engine }: StatusFacts) => engine !== undefined && isFinalStatus(engine.state);
const stopSignals = new Set(['TERM', 'INT', 'QUIT']);
const wasAskedToStop = ({ attempt }: StatusFacts) => attempt?.received.some((name) => stopSignals.has(name)) ?? false;
/**
 * True if the attempt ignored a stop request and was killed: by its launcher, which asks the supervisor with
 * QUIT, or together with its supervisor.
 */
const wasKilled = (facts: StatusFacts) =>
  wasAskedToStop(facts) &&
  (!facts.attempt?.end || (facts.attempt.end.signal === 'KILL' && facts.attempt.received.includes('QUIT')));
const withKilled = (reason: string | undefined, facts: StatusFacts) =>
  reason !== undefined && wasKilled(facts) ? `${reason}; killed, since it did not end when it was told to` : reason;
/**
 * True if the supervisor ended the attempt so that it continues in another job, or asked the engine to start
 * it again.
 */
const continues = ({ attempt }: StatusFacts) =>
  (attempt?.end?.overTime || attempt?.end?.again || attempt?.end?.retry !== undefined) ?? false;
const afterFailure = ({ attempt }: StatusFacts) =>
  attempt?.end?.retry === undefined ? undefined : `to be tried again after ${attempt.end.retry}`;
const waitsToContinue = (f: StatusFacts): RunStatus => ({
  status: f.engine?.state === 'held' ? 'HELD' : 'QUEUED',
  reason: f.attempt?.end?.overTime
    ? 'at its time limit; to go on in another job'
    : (afterFailure(f) ?? 'to be started again'),
});
/**
 * True if somebody starts the next attempt of a run that failed: the workers of the local queue, the launcher
 * on this machine, or the job itself, about which the engine was not asked or does not know yet.
 */
function someoneTriesAgain({ job, engine, launcherAlive, submitted }: StatusFacts): boolean {
  if (job.queued) return true;
  if (!submitted) return launcherAlive !== false;
  return engine === undefined || engine.state === 'gone' || engine.state === 'unknown';
}

/**
 * True if something made the attempt end: the engine's state then describes this attempt, not a later
 * restart.
 */
const wasMadeToEnd = (facts: StatusFacts) => wasAskedToStop(facts) || facts.attempt?.end?.signal === 'KILL';
const exitCode = ({ attempt }: StatusFacts) => attempt?.end?.exitCode;

/**
 * The status table. The first row whose `when` is true decides. `run.sh` applies the rows that need no engine
 * when it writes the end of an attempt into `info.yaml`.
 */
export const statusTable: readonly Row[] = [
  {
    rule: 'never started, held by the engine',
    when: (f) => !f.attempt && f.engine?.state === 'held',
    status: (f) => ({ status: 'HELD', reason: waiting(f) }),
  },
  {
    rule: 'never started, waiting in the engine',
    when: (f) => !f.attempt && engineLives(f),
    status: (f) => ({ status: 'QUEUED', reason: waiting(f) }),
  },
  {
    rule: 'never started, with a verdict',
    when: (f) => !f.attempt && verdictHolds(f),
    status: byVerdict,
  },
  { rule: 'never started, ended by the engine', when: (f) => !f.attempt && engineEnded(f), status: byEngine },
  {
    rule: 'never started, and the engine has lost it',
    when: (f) => !f.attempt && f.engine?.state === 'lost',
    status: isGone('LOST', 'the engine does not know its job any more, and it never started'),
  },
  {
    rule: 'never started, held in the local queue',
    when: (f) => !f.attempt && f.job.queued?.held === true,
    status: is('HELD'),
  },
  {
    rule: 'never started, in the local queue',
    when: (f) => !f.attempt && f.job.queued !== undefined,
    status: ({ job: { after } }) => {
      const behind = after ? `, after ${rangesText(dependencyIds(after))}` : '';
      return { status: 'QUEUED', reason: `until mlx execute runs it${behind}` };
    },
  },
  {
    rule: 'never started, submitted',
    when: (f) => !f.attempt && f.submitted,
    status: (f) =>
      f.engine?.state === 'gone'
        ? isGone('QUEUED', 'its job has just left the engine')(f)
        : { status: 'QUEUED', reason: 'not to be checked now' },
  },
  {
    rule: 'never started, launcher gone',
    when: (f) => !f.attempt && f.launcherAlive === false,
    status: is('LOST', 'never started: its launcher is gone'),
  },
  { rule: 'never started', when: (f) => !f.attempt, status: is('STARTING') },
  {
    rule: 'ended, with a verdict',
    when: (f) => !!f.attempt?.end && verdictHolds(f) && (exitCode(f) !== 0 || wasAskedToStop(f)),
    status: byVerdict,
  },
  {
    rule: 'ended, interrupted by hand',
    when: (f) => !!f.attempt?.claim?.byHand && !!f.attempt.end && f.attempt.received.includes('INT'),
    status: is('STOPPED', 'interrupted by hand'),
  },
  { rule: 'ended well', when: (f) => exitCode(f) === 0, status: is('COMPLETE') },
  {
    rule: 'ended, and waits in the engine to start again',
    when: (f) => (wasMadeToEnd(f) || continues(f)) && (f.engine?.state === 'queued' || f.engine?.state === 'held'),
    status: waitsToContinue,
  },
  {
    rule: 'ended when it was told to, and its job is just ending',
    when: (f) => (wasAskedToStop(f) || continues(f)) && !!f.attempt?.end && f.engine?.state === 'running',
    status: (f) => ({ status: 'RUNNING', reason: afterFailure(f) ?? 'its job is ending' }),
  },
  {
    rule: 'ended, and is to be tried again',
    when: (f) => f.attempt?.end?.retry !== undefined && someoneTriesAgain(f),
    status: (f) => ({ status: f.job.queued?.held ? 'HELD' : 'QUEUED', reason: afterFailure(f) }),
  },
  {
    rule: 'ended at its time limit',
    when: (f) => !!f.attempt?.end?.overTime,
    status: is('TIMEOUT', 'at its time limit'),
  },
  {
    rule: 'ended badly, and the engine knows why',
    when: (f) => wasMadeToEnd(f) && engineEnded(f) && !['COMPLETE', 'FAILED'].includes(f.engine?.state ?? ''),
    status: byEngine,
  },
  {
    rule: 'killed, and the engine knows why',
    when: (f) => wasMadeToEnd(f) && f.engine?.state === 'FAILED' && f.engine.reason !== undefined,
    status: byEngine,
  },
  {
    rule: 'ended badly',
    when: (f) => !!f.attempt?.end,
    status: (f) => failedStatus(f.attempt?.end),
  },
  { rule: 'not ended, supervisor alive', when: (f) => f.supervisorAlive === true, status: is('RUNNING') },
  {
    rule: 'not ended, waits in the engine to start again',
    when: (f) => f.engine?.state === 'queued' || f.engine?.state === 'held',
    status: waitsToContinue,
  },
  {
    rule: 'not ended, alive in the engine',
    when: engineLives,
    status: (f) => ({ status: 'RUNNING', reason: verdictHolds(f) ? 'asked to end' : undefined }),
  },
  { rule: 'not ended, with a verdict', when: (f) => verdictHolds(f), status: byVerdict },
  { rule: 'not ended, ended by the engine', when: engineEnded, status: byEngine },
  {
    rule: 'not ended, and the engine has lost it',
    when: (f) => f.engine?.state === 'lost',
    status: isGone('LOST', 'the engine does not know its job any more, and it left no end on record'),
  },
  {
    rule: 'not ended, just gone from the engine',
    when: (f) => f.engine?.state === 'gone',
    status: isGone('RUNNING', 'its job has just left the engine'),
  },
  {
    rule: 'not ended, supervisor gone',
    when: (f) => f.supervisorAlive === false,
    status: is('LOST', 'its process is gone without an end on record'),
  },
  {
    rule: 'not ended, not to be seen from here',
    when: () => true,
    status: is('RUNNING', 'not to be checked from this host'),
  },
];

/** Returns the status of an attempt that failed and is not tried again. */
export function failedStatus(end: AttemptEnd | undefined): RunStatus {
  return { status: 'FAILED', reason: end && endReason(end) };
}

/** Returns the status of a run. A pure function of the records and the engine's answer. */
export function statusOf(facts: StatusFacts): RunStatus {
  const current = hasStarted(facts.job, facts.attempt) ? facts : { ...facts, attempt: undefined };
  const row = statusTable.find(({ when }) => when(current));
  return row ? row.status(current) : { status: 'LOST', reason: undefined };
}

/**
 * Returns whether the last attempt belongs to the last submission. A run that was submitted again still has
 * the attempts of earlier submissions. Of two submissions at the same time only one can start the attempt; it
 * then counts for both.
 */
export function hasStarted(job: JobRecord, attempt: Attempt | undefined): boolean {
  return attempt !== undefined && attempt.number >= job.firstAttempt;
}

/**
 * Returns why an attempt failed: `dependency 12 failed`, `exit code 3`, `step train, exit code 3`,
 * `killed by SIGKILL (out of memory?)`.
 */
function endReason(end: Omit<AttemptEnd, 'end'>): string {
  const { exitCode, signal, unmet, step, outOfMemory, memoryLimit = 0 } = end;
  if (unmet !== undefined) return unmet;
  if (outOfMemory && exitCode !== 0) {
    return `${step === undefined ? '' : `step ${step}, `}out of memory, limit ${Math.floor(memoryLimit / 2 ** 20)}M`;
  }
  const how = signal === undefined ? `exit code ${exitCode}` : `killed by SIG${signal}`;
  const where = step === undefined ? '' : `step ${step}, `;
  return `${where}${how}${signal === 'KILL' ? ' (out of memory?)' : ''}`;
}
