import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { goesOn } from '../../src/launch/index.js';
import {
  type CompleteRun,
  type EngineAnswer,
  readJob,
  readLastAttempt,
  restartsOf,
  runStatus,
  type Verdict,
} from '../../src/store/index.js';
import { askSupervisor, assignments, caseRuns, pathsOf } from './supervisor.js';

interface RestartCase {
  readonly name: string;
  readonly job?: {
    readonly firstAttempt?: number;
    readonly continued?: number;
    readonly retried?: number;
    readonly requeued?: number;
    /** How often it is tried again, and after what. */
    readonly retries?: number;
    readonly retryOn?: string;
  };
  /** How each attempt ended; the last one is asked about. */
  readonly attempts: readonly string[];
  readonly limits: { readonly continueOnTimeout?: boolean | number; readonly requeue?: boolean | number };
  readonly continued: number;
  readonly requeued: number;
  /** 0 if left out. */
  readonly retried?: number;
  readonly goesOn: boolean;
}

const { cases }: { readonly cases: readonly RestartCase[] } = JSON.parse(
  readFileSync(new URL('../fixtures/restart-cases.json', import.meta.url), 'utf8'),
);
const runs = caseRuns();
afterAll(runs.remove);

const claim = (byHand: boolean) => [
  'token: token1',
  'job: null',
  `by_hand: ${byHand}`,
  'host: elsewhere.example',
  'pid: 1',
  'process_start: gone.1',
  'start_seconds: 5',
  '...',
];
const end = (code: number, signal: string, ...more: readonly string[]) => [
  `exit_code: ${code}`,
  `signal: ${signal}`,
  `signals_received: ${signal}`,
  'unmet: null',
  ...more,
  'end_seconds: 6',
  '...',
];
const overTime = end(143, 'TERM', 'over_time: 1');
const failedByMlx: Verdict = { status: 'FAILED', attempt: 1, reason: 'by mlx' };
const stopped: Verdict = { status: 'STOPPED', attempt: 1, reason: 'by ada' };

/** What an attempt of each kind leaves, and what is true of a run whose last attempt it is. */
interface Kind {
  readonly claim: readonly string[] | undefined;
  readonly end: readonly string[] | undefined;
  readonly code?: number;
  readonly signal?: string;
  readonly overTime?: boolean;
  readonly verdict?: Verdict;
  readonly outOfMemory?: boolean;
  readonly unmet?: string;
  readonly byHand?: boolean;
  readonly received?: string;
  readonly engine?: EngineAnswer;
}

const kinds: Record<string, Kind> = {
  'over time': { claim: claim(false), end: overTime, code: 143, signal: 'TERM', overTime: true },
  'over time, full disk': { claim: [...claim(false), '---', ...overTime], end: undefined },
  'over time, cut short': { claim: claim(false), end: overTime.slice(0, -1) },
  preempted: {
    claim: claim(false),
    end: end(143, 'TERM'),
    code: 143,
    signal: 'TERM',
    engine: { state: 'PREEMPTED', word: 'PREEMPTED' },
  },
  failed: { claim: claim(false), end: end(3, 'null'), code: 3 },
  'failed, tried again': { claim: claim(false), end: end(3, 'null', 'retry: exit code 3'), code: 3 },
  'failed by hand': { claim: claim(true), end: end(3, 'null'), code: 3, byHand: true },
  'failed with a verdict': { claim: claim(false), end: end(3, 'null'), code: 3, verdict: failedByMlx },
  'failed after TERM': {
    claim: claim(false),
    end: end(3, 'null').map((line) => line.replace('signals_received: null', 'signals_received: TERM')),
    code: 3,
    received: 'TERM',
  },
  'failed after USR1': {
    claim: claim(false),
    end: end(3, 'null').map((line) => line.replace('signals_received: null', 'signals_received: USR1')),
    code: 3,
    received: 'USR1',
  },
  'ended by USR2': { claim: claim(false), end: end(140, 'USR2'), code: 140, signal: 'USR2' },
  'wrong arguments': { claim: claim(false), end: end(2, 'null'), code: 2 },
  'no such program': { claim: claim(false), end: end(127, 'null'), code: 127 },
  'by its memory limit': {
    claim: claim(false),
    end: end(1, 'null', 'out_of_memory: 1'),
    code: 1,
    outOfMemory: true,
  },
  'by KILL': {
    claim: claim(false),
    end: end(137, 'KILL').map((line) => line.replace('signals_received: KILL', 'signals_received: null')),
    code: 137,
    signal: 'KILL',
    received: '',
  },
  'not met': {
    claim: claim(false),
    end: end(69, 'null').map((line) => line.replace('unmet: null', 'unmet: dependency 1 failed')),
    code: 69,
    unmet: 'dependency 1 failed',
  },
  'node failed': {
    claim: claim(false),
    end: undefined,
    engine: { state: 'FAILED', word: 'NODE_FAIL', reason: 'node n1 failed' },
  },
  'killed, nobody knows why': {
    claim: claim(false),
    end: undefined,
    engine: { state: 'FAILED', word: 'FAILED', reason: 'ended by a signal (9): deleted, or out of memory?' },
  },
  killed: { claim: claim(false), end: end(139, 'SEGV'), code: 139, signal: 'SEGV' },
  well: { claim: claim(false), end: end(0, 'null'), code: 0 },
  lost: { claim: claim(false), end: undefined },
  missing: { claim: undefined, end: undefined },
  'by hand': { claim: claim(true), end: end(3, 'null') },
  'by hand, lost': { claim: claim(true), end: undefined },
  stopped: { claim: claim(false), end: end(143, 'TERM'), code: 143, signal: 'TERM', verdict: stopped },
  'stopped, over time': {
    claim: claim(false),
    end: overTime,
    code: 143,
    signal: 'TERM',
    overTime: true,
    verdict: stopped,
  },
};

function kindOf(name: string | undefined): Kind {
  const kind = kinds[name ?? ''];
  if (!kind) throw new Error(`no kind of attempt: ${name}`);
  return kind;
}

/** The words that mlx gives to run.sh for these limits. */
function wordsOf({ continueOnTimeout, requeue }: RestartCase['limits']): string[] {
  const most = (policy: boolean | number) => (policy === true ? '' : String(policy));
  return [
    ...(continueOnTimeout ? ['--at=100:END', `--continue=${most(continueOnTimeout)}`] : []),
    ...(requeue ? [`--requeue=${most(requeue)}`] : []),
    ...(continueOnTimeout || requeue ? ['--restart=exit:99'] : []),
  ];
}

const made = cases.map((one) => {
  const files = one.attempts.flatMap((name, i) => [
    [`${i + 1}.yaml`, kindOf(name).claim] as const,
    [`${i + 1}.end.yaml`, kindOf(name).end] as const,
  ]);
  const last = kindOf(one.attempts.at(-1));
  const directory = runs.make({ ...one.job, verdict: last.verdict }, Object.fromEntries(files));
  return { one, last, directory };
});

/**
 * Prints what run.sh counts as the last attempt begins, whether it will end that attempt so that it can go on, whether it
 * then asks the engine to start it again, and whether it refuses the next attempt because there were too many.
 */
const replies = askSupervisor(
  made.map(({ one, last, directory }) => {
    const number = one.attempts.length;
    return `${assignments({ ...pathsOf(directory), attempt: number, by_hand: '', unmet: '', job: '5' })}
mlx_read_words ${wordsOf(one.limits).join(' ')}
mlx_read_job; mlx_count_restarts
printf '%s\\n' "$mlx_continued" "$mlx_requeued" "\${mlx_timers:+ends}"
${assignments({
  code: last.code ?? 0,
  signal: last.signal ?? 'null',
  signals: last.received ?? last.signal ?? '',
  over_time: last.overTime ? 1 : '',
  out_of_memory: last.outOfMemory ? 1 : '',
  unmet: last.unmet ?? '',
  by_hand: last.byHand ? 'true' : '',
})}
mlx_ask_again; mlx_find_retry; printf '%s\\n' "\${mlx_again:+asks}" "\${mlx_retry:+tries}" "$mlx_tried"
${assignments({ unmet: '', by_hand: '', attempt: number + 1 })}
mlx_read_job; mlx_count_restarts; printf '%s\\n' "\${mlx_unmet:+refuses}"`;
  }),
);

describe('may a run start again', () => {
  test.for(made.map((row, i) => [row.one.name, row, replies[i]!] as const))(
    '%s',
    ([, { one, last, directory }, reply]) => {
      const job = readJob(directory)!;
      const attempt = readLastAttempt(directory)!;
      const status = runStatus(job, attempt, last.engine);
      const run: CompleteRun = {
        kind: 'run',
        id: 1,
        directory,
        status,
        overrides: [],
        job,
        attempt,
        jobId: '5',
        engine: last.engine,
      };
      const expected = { continued: one.continued, requeued: one.requeued, retried: one.retried ?? 0 };
      expect({ where: 'TypeScript', ...restartsOf(run), goesOn: goesOn(run, limitsOf(one)) !== undefined }).toEqual({
        where: 'TypeScript',
        ...expected,
        goesOn: one.goesOn,
      });
      const [continued, requeued, ends, asks, tries, tried, refuses] = reply.stdout.split('\n');
      const counted = { continued: Number(continued), requeued: Number(requeued), retried: Number(tried) };
      expect({ where: 'run.sh', ...counted }).toEqual({ where: 'run.sh', ...expected });
      // Of an attempt that left no end, no supervisor has decided anything.
      if (last.engine?.state === 'FAILED') return;
      // A preempted run is started again by the engine; run.sh asks for the others itself.
      const asksAgain = tries === 'tries' || (ends === 'ends' && asks === 'asks');
      const goes = last.engine?.state === 'PREEMPTED' ? refuses === '' : asksAgain;
      expect({ where: 'run.sh', goesOn: goes }).toEqual({ where: 'run.sh', goesOn: one.goesOn });
    },
  );
});

const limitsOf = ({ limits }: RestartCase) => ({
  continueOnTimeout: limits.continueOnTimeout,
  requeue: limits.requeue,
});
