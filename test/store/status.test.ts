import { describe, expect, test } from 'vitest';
import type { Attempt, JobRecord, RunStatus, StatusFacts } from '../../src/store/index.js';
import { statusOf, statusTable } from '../../src/store/index.js';

const job: JobRecord = {
  token: 't',
  firstAttempt: 1,
  launch: 'l',
  point: 0,
  engine: 'here',
  jobId: undefined,
  idVariable: undefined,
  task: undefined,
  restartsGetNewIds: false,
  launcher: undefined,
  verdict: undefined,
};
const queued = { priority: 0, slots: 1, gpus: 0, limit: undefined, shown: true, held: false };
const verdict = (attempt: number) => ({ status: 'STOPPED', attempt, reason: 'by ada' }) as const;
const attempt = (
  end?: Partial<NonNullable<Attempt['end']>> & { readonly received?: readonly string[] },
  byHand = false,
): Attempt => ({
  number: 1,
  claim: { token: 't', jobId: undefined, byHand, process: undefined, start: 1 },
  end: end && { exitCode: 0, signal: undefined, end: 2, ...end },
  received: end?.received ?? [],
});
const nothing: StatusFacts = {
  job,
  attempt: undefined,
  engine: undefined,
  supervisorAlive: undefined,
  launcherAlive: undefined,
  submitted: false,
};

/** For each row of the table: facts to which it applies, and what it gives. */
const rows: Record<string, [Partial<StatusFacts>, string, string?]> = {
  'never started, with a verdict': [
    { job: { ...job, verdict: verdict(1) }, launcherAlive: false },
    'STOPPED',
    'by ada',
  ],
  'never started, held by the engine': [{ engine: { state: 'held', word: 'PD' } }, 'HELD'],
  'never started, waiting in the engine': [{ engine: { state: 'queued', word: 'PD' }, launcherAlive: false }, 'QUEUED'],
  'never started, ended by the engine': [
    { engine: { state: 'FAILED', word: 'JobLaunchFailure' } },
    'FAILED',
    'JobLaunchFailure',
  ],
  'never started, and the engine has lost it': [
    { engine: { state: 'lost', word: 'gone' }, submitted: true },
    'LOST',
    'the engine does not know its job any more, and it never started',
  ],
  'never started, held in the local queue': [{ job: { ...job, queued: { ...queued, held: true } } }, 'HELD'],
  'never started, in the local queue': [
    { job: { ...job, queued }, launcherAlive: false },
    'QUEUED',
    'until mlx execute runs it',
  ],
  'never started, submitted': [{ submitted: true, launcherAlive: false }, 'QUEUED', 'not to be checked now'],
  'never started, launcher gone': [{ launcherAlive: false }, 'LOST', 'never started: its launcher is gone'],
  'never started': [{ launcherAlive: true }, 'STARTING'],
  'ended, with a verdict': [
    { job: { ...job, verdict: verdict(1) }, attempt: attempt({ exitCode: 143 }) },
    'STOPPED',
    'by ada',
  ],
  'ended, interrupted by hand': [
    { attempt: attempt({ exitCode: 130, received: ['INT'] }, true) },
    'STOPPED',
    'interrupted by hand',
  ],
  'ended well': [{ attempt: attempt({}) }, 'COMPLETE'],
  'ended, and waits in the engine to start again': [
    { attempt: attempt({ exitCode: 143, received: ['TERM'] }), engine: { state: 'queued', word: 'BeginTime' } },
    'QUEUED',
    'to be started again',
  ],
  'ended when it was told to, and its job is just ending': [
    { attempt: attempt({ exitCode: 143, received: ['TERM'] }), engine: { state: 'running', word: 'COMPLETING' } },
    'RUNNING',
    'its job is ending',
  ],
  'ended, and is to be tried again': [
    { attempt: attempt({ exitCode: 3, retry: 'exit code 3' }), launcherAlive: true },
    'QUEUED',
    'to be tried again after exit code 3',
  ],
  'ended at its time limit': [
    { attempt: attempt({ exitCode: 143, signal: 'TERM', overTime: true, received: ['TERM'] }) },
    'TIMEOUT',
    'at its time limit',
  ],
  'killed, and the engine knows why': [
    {
      attempt: attempt({ exitCode: 137, signal: 'KILL' }),
      engine: { state: 'FAILED', word: 'OUT_OF_MEMORY', reason: 'out of memory' },
    },
    'FAILED',
    'out of memory',
  ],
  'ended badly, and the engine knows why': [
    { attempt: attempt({ exitCode: 143, received: ['TERM'] }), engine: { state: 'TIMEOUT', word: 'time limit' } },
    'TIMEOUT',
    'time limit',
  ],
  'ended badly': [{ attempt: attempt({ exitCode: 3 }) }, 'FAILED', 'exit code 3'],
  'not ended, supervisor alive': [
    { attempt: attempt(), supervisorAlive: true, job: { ...job, verdict: verdict(1) } },
    'RUNNING',
  ],
  'not ended, with a verdict': [
    { attempt: attempt(), supervisorAlive: false, job: { ...job, verdict: verdict(1) } },
    'STOPPED',
    'by ada',
  ],
  'not ended, ended by the engine': [
    { attempt: attempt(), engine: { state: 'PREEMPTED', word: 'preempted' } },
    'PREEMPTED',
    'preempted',
  ],
  'not ended, alive in the engine': [{ attempt: attempt(), engine: { state: 'unknown', word: 'XYZZY' } }, 'RUNNING'],
  'not ended, waits in the engine to start again': [
    { attempt: attempt(), engine: { state: 'held', word: 'launch failed requeued held' } },
    'HELD',
    'to be started again',
  ],
  'not ended, and the engine has lost it': [
    { attempt: attempt(), engine: { state: 'lost', word: '' } },
    'LOST',
    'the engine does not know its job any more, and it left no end on record',
  ],
  'not ended, just gone from the engine': [
    { attempt: attempt(), engine: { state: 'gone', word: '' } },
    'RUNNING',
    'its job has just left the engine',
  ],
  'not ended, supervisor gone': [
    { attempt: attempt(), supervisorAlive: false },
    'LOST',
    'its process is gone without an end on record',
  ],
  'not ended, not to be seen from here': [{ attempt: attempt() }, 'RUNNING', 'not to be checked from this host'],
};

describe('a run that was left to be tried again', () => {
  const facts = { ...nothing, attempt: attempt({ exitCode: 3, retry: 'exit code 3' }) };
  const waits: RunStatus = { status: 'QUEUED', reason: 'to be tried again after exit code 3' };
  const failed: RunStatus = { status: 'FAILED', reason: 'exit code 3' };
  test.for<readonly [string, Partial<StatusFacts>, RunStatus]>([
    ['has failed if its launcher is gone', { launcherAlive: false }, failed],
    ['waits in the engine', { submitted: true, engine: { state: 'queued', word: 'PD' } }, waits],
    ['waits if the engine was not asked', { submitted: true, launcherAlive: false }, waits],
    [
      'has failed if its job has ended',
      { submitted: true, engine: { state: 'FAILED', word: 'F' } },
      failed as RunStatus,
    ],
    [
      'runs if its job does',
      { submitted: true, engine: { state: 'running', word: 'R' } },
      { ...waits, status: 'RUNNING' },
    ],
  ])('%s', ([, more, status]) => {
    expect(statusOf({ ...facts, ...more })).toEqual(status);
  });
});

describe('the status table', () => {
  test.for(statusTable.map((row) => [row.rule, row] as const))('%s', ([rule, row]) => {
    const [facts, status, reason] = rows[rule] ?? [{}, 'no example'];
    const all = { ...nothing, ...facts };
    expect(statusTable.find(({ when }) => when(all))).toBe(row);
    expect(statusOf(all)).toEqual({ status, reason });
  });

  const more: [string, Partial<StatusFacts>, string][] = [
    [
      'a verdict on an earlier attempt does not bind a later one',
      { job: { ...job, verdict: verdict(1) }, attempt: { ...attempt({ exitCode: 1 }), number: 2 } },
      'FAILED',
    ],
    [
      'a run that ended well before it heard of the stop is complete',
      { job: { ...job, verdict: verdict(1) }, attempt: attempt({}) },
      'COMPLETE',
    ],
    [
      'a run that ended in order because it was told to was stopped',
      { job: { ...job, verdict: verdict(1) }, attempt: attempt({ received: ['TERM'] }) },
      'STOPPED',
    ],
    [
      'a run that was submitted anew has not ended, whatever an attempt of before did',
      { job: { ...job, token: 'new', firstAttempt: 2 }, attempt: attempt({}), launcherAlive: true },
      'STARTING',
    ],
    [
      'a run that was submitted anew is lost with its launcher, though an attempt of before ended well',
      { job: { ...job, token: 'new', firstAttempt: 2 }, attempt: attempt({}), launcherAlive: false },
      'LOST',
    ],
  ];
  test('a run that failed by itself did so, whatever ended its job after that', () => {
    const facts = { attempt: attempt({ exitCode: 3 }), engine: { state: 'TIMEOUT', word: 'TIMEOUT' } } as const;
    expect(statusOf({ ...nothing, ...facts })).toEqual({ status: 'FAILED', reason: 'exit code 3' });
  });

  test('a run that was told to end is running until its engine says otherwise', () => {
    const facts = {
      job: { ...job, verdict: verdict(1) },
      attempt: attempt(),
      engine: { state: 'running', word: 'COMPLETING' },
    } as const;
    expect(statusOf({ ...nothing, ...facts })).toEqual({ status: 'RUNNING', reason: 'asked to end' });
  });

  test.for(more)('%s', ([, facts, status]) => {
    expect(statusOf({ ...nothing, ...facts }).status).toBe(status);
  });
});
