import type { Attempt, AttemptEnd } from './attempts.js';
import { dependencyIds, stretches } from './dependencies.js';
import type { JobRecord } from './job-record.js';

const finalStatuses = ['COMPLETE', 'FAILED', 'TIMEOUT', 'PREEMPTED', 'STOPPED'] as const;

/** A state that a run stays in until somebody starts it again. */
export type FinalStatus = (typeof finalStatuses)[number];

const openStatuses = ['STARTING', 'RUNNING', 'QUEUED', 'HELD', 'LOST'] as const;

export type Status = FinalStatus | (typeof openStatuses)[number];

/** All statuses that a run can have. */
export const knownStatuses: readonly Status[] = [...openStatuses, ...finalStatuses];

export function isFinalStatus(word: string): word is FinalStatus {
  return finalStatuses.some((status) => status === word);
}

/** Whether a run does not go on by itself: it has ended, or is lost. */
export function isOver(status: Status): boolean {
  return isFinalStatus(status) || status === 'LOST';
}

/** Whether a run ended badly or is lost: FAILED, TIMEOUT, PREEMPTED or LOST. A stopped run was ended on purpose. */
export function wentWrong(status: string): boolean {
  return status === 'LOST' || (isFinalStatus(status) && status !== 'COMPLETE' && status !== 'STOPPED');
}

/**
 * What an engine answered about a run's job. A word that mlx does not know is `unknown`: alive, never done. `gone` is a job that the
 * engine was asked about and does not know; `lost` is one that was gone for so long that no slow disk explains it.
 */
export interface EngineAnswer {
  readonly state: 'queued' | 'held' | 'running' | 'unknown' | 'gone' | 'lost' | FinalStatus;
  /** The engine's own word or reason. */
  readonly word: string;
  /** Why, in words a person understands, where the word needs it. */
  readonly reason?: string | undefined;
  readonly exitCode?: number | undefined;
  /** The signal that ended the job, without `SIG`. */
  readonly signal?: string | undefined;
  /** Bytes. */
  readonly peakMemory?: number | undefined;
  /** Bytes that the job had asked for. */
  readonly askedMemory?: number | undefined;
  /** When a waiting job is expected to start; seconds since 1970. */
  readonly expectedStart?: number | undefined;
  /** Its place among all jobs that wait, from 1, and how many those are; where that was asked for. */
  readonly place?: { readonly place: number; readonly of: number } | undefined;
  /** The id that the job has now, with engines that restart under a new one. */
  readonly jobId?: string | undefined;
  /** Whether the engine says so of a job that has left no trace, which holds only for a run that has left none either. */
  readonly traceless?: boolean | undefined;
  /** Whether the job can't start as things are, so that waiting does not help. */
  readonly stuck?: boolean | undefined;
}

/** All that a run's status depends on. */
export interface StatusFacts {
  readonly job: JobRecord;
  readonly attempt: Attempt | undefined;
  /** Undefined where the engine was not asked, or has none to ask (`here`). */
  readonly engine: EngineAnswer | undefined;
  /** Whether the supervisor of the last attempt lives; undefined where that can't be seen from this host. */
  readonly supervisorAlive: boolean | undefined;
  /** Whether the launcher that is to start the run lives; undefined where that can't be seen from this host. */
  readonly launcherAlive: boolean | undefined;
  /** Whether an engine has accepted the run's job. */
  readonly submitted: boolean;
}

export interface RunStatus {
  readonly status: Status;
  /** Why, in words a person understands; undefined where the status says it all. */
  readonly reason: string | undefined;
}

interface Row {
  readonly rule: string;
  readonly when: (facts: StatusFacts) => boolean;
  readonly gives: (facts: StatusFacts) => RunStatus;
}

const is = (status: Status, reason?: string) => (): RunStatus => ({ status, reason });
const byVerdict = (facts: StatusFacts): RunStatus => ({
  status: facts.job.verdict?.status ?? 'LOST',
  reason: withKilled(facts.job.verdict?.reason, facts),
});
const byEngine = (facts: StatusFacts): RunStatus => ({
  status: finalStatuses.find((status) => status === facts.engine?.state) ?? 'LOST',
  reason: withKilled(facts.engine?.reason ?? facts.engine?.word, facts),
});
const waiting = ({ engine }: StatusFacts) => engine?.reason;
const engineLives = ({ engine }: StatusFacts) =>
  engine !== undefined && ['queued', 'held', 'running', 'unknown'].includes(engine.state);
/** A verdict is about one attempt; a later attempt is not bound by it. */
const verdictHolds = ({ job, attempt }: StatusFacts) =>
  !!job.verdict && (!attempt || job.verdict.attempt === attempt.number);
const engineEnded = ({ engine }: StatusFacts) => engine !== undefined && isFinalStatus(engine.state);
const stopSignals = new Set(['TERM', 'INT', 'QUIT']);
const wasToldToStop = ({ attempt }: StatusFacts) => attempt?.received.some((name) => stopSignals.has(name)) ?? false;
/** Whether it was told to end, did not, and was killed: by its launcher (QUIT is its word for that), or with its supervisor. */
const wasKilled = (facts: StatusFacts) =>
  wasToldToStop(facts) &&
  (!facts.attempt?.end || (facts.attempt.end.signal === 'KILL' && facts.attempt.received.includes('QUIT')));
const withKilled = (reason: string | undefined, facts: StatusFacts) =>
  reason !== undefined && wasKilled(facts) ? `${reason}; killed, since it did not end when it was told to` : reason;
/** What the supervisor itself ended so that it goes on in another job, or asked its engine to start again. */
const goesOn = ({ attempt }: StatusFacts) => (attempt?.end?.overTime || attempt?.end?.again) ?? false;
const waitsAgain = (f: StatusFacts): RunStatus => ({
  status: f.engine?.state === 'held' ? 'HELD' : 'QUEUED',
  reason: f.attempt?.end?.overTime ? 'at its time limit; to go on in another job' : 'to be started again',
});
/** Whether it was made to end: what the engine says of the job is then about this attempt, and not of what came after it. */
const wasEnded = (facts: StatusFacts) => wasToldToStop(facts) || facts.attempt?.end?.signal === 'KILL';
const exitCode = ({ attempt }: StatusFacts) => attempt?.end?.exitCode;

/**
 * The status table: the first row that applies holds. `run.sh` writes the same rows for an attempt that ended into
 * `info.yaml`, as far as they need no engine.
 */
export const statusTable: readonly Row[] = [
  {
    rule: 'never started, held by the engine',
    when: (f) => !f.attempt && f.engine?.state === 'held',
    gives: (f) => ({ status: 'HELD', reason: waiting(f) }),
  },
  {
    rule: 'never started, waiting in the engine',
    when: (f) => !f.attempt && engineLives(f),
    gives: (f) => ({ status: 'QUEUED', reason: waiting(f) }),
  },
  {
    rule: 'never started, with a verdict',
    when: (f) => !f.attempt && verdictHolds(f),
    gives: byVerdict,
  },
  { rule: 'never started, ended by the engine', when: (f) => !f.attempt && engineEnded(f), gives: byEngine },
  {
    rule: 'never started, and the engine has lost it',
    when: (f) => !f.attempt && f.engine?.state === 'lost',
    gives: is('LOST', 'the engine does not know its job any more, and it never started'),
  },
  {
    rule: 'never started, held in the local queue',
    when: (f) => !f.attempt && f.job.queued?.held === true,
    gives: is('HELD'),
  },
  {
    rule: 'never started, in the local queue',
    when: (f) => !f.attempt && f.job.queued !== undefined,
    gives: ({ job: { after } }) => {
      const behind = after ? `, after ${stretches(dependencyIds(after))}` : '';
      return { status: 'QUEUED', reason: `until mlx execute runs it${behind}` };
    },
  },
  {
    rule: 'never started, submitted',
    when: (f) => !f.attempt && f.submitted,
    gives: is('QUEUED', 'not to be checked now'),
  },
  {
    rule: 'never started, launcher gone',
    when: (f) => !f.attempt && f.launcherAlive === false,
    gives: is('LOST', 'never started: its launcher is gone'),
  },
  { rule: 'never started', when: (f) => !f.attempt, gives: is('STARTING') },
  {
    rule: 'ended, with a verdict',
    when: (f) => !!f.attempt?.end && verdictHolds(f) && (exitCode(f) !== 0 || wasToldToStop(f)),
    gives: byVerdict,
  },
  {
    rule: 'ended, interrupted by hand',
    when: (f) => !!f.attempt?.claim?.byHand && !!f.attempt.end && f.attempt.received.includes('INT'),
    gives: is('STOPPED', 'interrupted by hand'),
  },
  { rule: 'ended well', when: (f) => exitCode(f) === 0, gives: is('COMPLETE') },
  {
    rule: 'ended, and waits in the engine to start again',
    when: (f) => (wasEnded(f) || goesOn(f)) && (f.engine?.state === 'queued' || f.engine?.state === 'held'),
    gives: waitsAgain,
  },
  {
    rule: 'ended when it was told to, and its job is just ending',
    when: (f) => (wasToldToStop(f) || goesOn(f)) && !!f.attempt?.end && f.engine?.state === 'running',
    gives: is('RUNNING', 'its job is ending'),
  },
  {
    rule: 'ended at its time limit',
    when: (f) => !!f.attempt?.end?.overTime,
    gives: is('TIMEOUT', 'at its time limit'),
  },
  {
    rule: 'ended badly, and the engine knows why',
    when: (f) => wasEnded(f) && engineEnded(f) && !['COMPLETE', 'FAILED'].includes(f.engine?.state ?? ''),
    gives: byEngine,
  },
  {
    rule: 'killed, and the engine knows why',
    when: (f) => wasEnded(f) && f.engine?.state === 'FAILED' && f.engine.reason !== undefined,
    gives: byEngine,
  },
  {
    rule: 'ended badly',
    when: (f) => !!f.attempt?.end,
    gives: (f) => ({ status: 'FAILED', reason: f.attempt?.end && endReason(f.attempt.end) }),
  },
  { rule: 'not ended, supervisor alive', when: (f) => f.supervisorAlive === true, gives: is('RUNNING') },
  {
    rule: 'not ended, waits in the engine to start again',
    when: (f) => f.engine?.state === 'queued' || f.engine?.state === 'held',
    gives: waitsAgain,
  },
  {
    rule: 'not ended, alive in the engine',
    when: engineLives,
    gives: (f) => ({ status: 'RUNNING', reason: verdictHolds(f) ? 'asked to end' : undefined }),
  },
  { rule: 'not ended, with a verdict', when: (f) => verdictHolds(f), gives: byVerdict },
  { rule: 'not ended, ended by the engine', when: engineEnded, gives: byEngine },
  {
    rule: 'not ended, and the engine has lost it',
    when: (f) => f.engine?.state === 'lost',
    gives: is('LOST', 'the engine does not know its job any more, and it left no end on record'),
  },
  {
    rule: 'not ended, just gone from the engine',
    when: (f) => f.engine?.state === 'gone',
    gives: is('RUNNING', 'its job has just left the engine'),
  },
  {
    rule: 'not ended, supervisor gone',
    when: (f) => f.supervisorAlive === false,
    gives: is('LOST', 'its process is gone without an end on record'),
  },
  {
    rule: 'not ended, not to be seen from here',
    when: () => true,
    gives: is('RUNNING', 'not to be checked from this host'),
  },
];

/** The status of a run: a pure function of what is on record and what was answered. */
export function statusOf(facts: StatusFacts): RunStatus {
  const current = hasStarted(facts.job, facts.attempt) ? facts : { ...facts, attempt: undefined };
  const row = statusTable.find(({ when }) => when(current));
  return row ? row.gives(current) : { status: 'LOST', reason: undefined };
}

/**
 * Whether the last attempt is one of the last submission; a run that was submitted anew still has those of before. Of two
 * submissions at once only one can start that attempt, and it is the attempt of both.
 */
export function hasStarted(job: JobRecord, attempt: Attempt | undefined): boolean {
  return attempt !== undefined && attempt.number >= job.firstAttempt;
}

/** Why an attempt failed: `dependency 12 failed`, `exit code 3`, `step train, exit code 3`, `killed by SIGKILL (out of memory?)`. */
export function endReason(end: Omit<AttemptEnd, 'end'>): string {
  const { exitCode, signal, unmet, step, outOfMemory, memoryLimit = 0 } = end;
  if (unmet !== undefined) return unmet;
  if (outOfMemory && exitCode !== 0) {
    return `${step === undefined ? '' : `step ${step}, `}out of memory, limit ${Math.floor(memoryLimit / 2 ** 20)}M`;
  }
  const how = signal === undefined ? `exit code ${exitCode}` : `killed by SIG${signal}`;
  const where = step === undefined ? '' : `step ${step}, `;
  return `${where}${how}${signal === 'KILL' ? ' (out of memory?)' : ''}`;
}
