import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createRun,
  type JobRecord,
  lastAttemptNumber,
  readAttempt,
  readJob,
  readLastAttempt,
  runPaths,
  runStatus,
  storePaths,
  withTurnedAway,
  writeJob,
  writeMaxFailures,
} from '../../src/store/index.js';
import { contentsOf, runSh, supervisedScript } from './run-contents.js';

/** A store with runs 1, 2, … of one launch, whose programs are these and which have this in their job records. */
function runsOf(programs: readonly string[], job: Partial<JobRecord> = {}): string {
  const parent = mkdtempSync(join(tmpdir(), "mlx retry's "));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const store = join(parent, 'logs');
  programs.forEach((program, i) => {
    const id = i + 1;
    const run = storePaths.run(store, id);
    mkdirSync(run, { recursive: true });
    createRun(
      run,
      contentsOf(
        run,
        { point: i, jobId: '5', idVariable: 'JOB_ID', ...job },
        { info: { workDirectory: parent }, script: supervisedScript(run, program) },
      ),
    );
  });
  return store;
}

/** Starts a run as the job of an engine does; returns its exit code and what it said. */
function start(store: string, id: number, ...words: readonly string[]) {
  const run = storePaths.run(store, id);
  const { status, stderr } = spawnSync('bash', [runSh, run, `--submission=${readJob(run)?.token}`, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], JOB_ID: '5' },
  });
  return { code: status, stderr };
}

function statusOf(store: string, id: number) {
  const run = storePaths.run(store, id);
  const job = readJob(run);
  const attempt = readLastAttempt(run);
  return job && runStatus(withTurnedAway(run, job, attempt), attempt, undefined, true);
}

const infoOf = (store: string, id: number) =>
  ['status', 'reason'].map(
    (field) =>
      new RegExp(`^${field}: (.*)$`, 'm').exec(readFileSync(runPaths.info(storePaths.run(store, id)), 'utf8'))?.[1],
  );
const attemptOf = (store: string, id: number, number: number) => readAttempt(storePaths.run(store, id), number);
const attempts = (store: string, id: number) => lastAttemptNumber(storePaths.run(store, id));
const failures = (store: string) => readdirSync(storePaths.failures(store, 'launch1')).sort();
const resubmit = (store: string, id: number, changed: Partial<JobRecord> = {}) => {
  const run = storePaths.run(store, id);
  const job = readJob(run) as JobRecord;
  writeJob(run, { ...job, token: `${job.token}x`, firstAttempt: lastAttemptNumber(run) + 1, ...changed });
};

describe('a run that fails by itself', () => {
  test('is tried again in the same job, as attempts of the same submission, with the reason on record', () => {
    const store = runsOf(['echo try $MLX_ATTEMPT; [ $MLX_ATTEMPT = 3 ] || exit 3'], { retries: 2 });
    expect(start(store, 1, '--logs')).toMatchObject({ code: 0 });
    expect(readFileSync(runPaths.stdout(storePaths.run(store, 1)), 'utf8').replace(/, .* on .* ---/g, '')).toBe(
      'try 1\n--- attempt 2\ntry 2\n--- attempt 3\ntry 3\n',
    );
    const ends = [1, 2, 3].map((n) => attemptOf(store, 1, n));
    expect(ends.map(({ claim }) => [claim?.token, claim?.jobId])).toEqual(Array(3).fill(['token1', '5']));
    expect(ends.map(({ end }) => [end?.exitCode, end?.retry])).toEqual([
      [3, 'exit code 3'],
      [3, 'exit code 3'],
      [0, undefined],
    ]);
    expect(infoOf(store, 1)).toEqual(['COMPLETE', 'null']);
  });

  test('fails when its retries are used up, and is then a failure of its launch', () => {
    const store = runsOf(['exit 3'], { retries: 1 });
    mkdirSync(storePaths.failures(store, 'launch1'), { recursive: true });
    expect(start(store, 1).code).toBe(3);
    expect([attempts(store, 1), ...infoOf(store, 1), failures(store)]).toEqual([2, 'FAILED', 'exit code 3', ['1']]);
  });

  test('has its metrics noted before each retry, and each attempt has its own CPU time', () => {
    const use = 'for ((i = 0; i < 200000; i++)); do :; done';
    const store = runsOf([`${use}; mkdir -p "$MLX_LOG_DIR/metrics"; echo >> "$MLX_LOG_DIR/metrics/a.json"; exit 3`], {
      retries: 1,
    });
    start(store, 1);
    expect(readFileSync(join(runPaths.attempts(storePaths.run(store, 1)), '2.metrics'), 'utf8')).toMatch(/^1 a\.json/m);
    const [one = 0, two = 0] = [1, 2].map((n) => attemptOf(store, 1, n).end?.cpuSeconds);
    expect(one).toBeGreaterThan(0);
    expect(two).toBeLessThan(1.8 * one);
  });

  test('is left to the engine if its job has no more time left than the attempt took', () => {
    const store = runsOf(['[ $MLX_ATTEMPT = 2 ] || { sleep 1.2; exit 3; }'], { retries: 1 });
    const words = ['--limit=2', '--restart=exit:99', '--reserved=99'];
    expect(start(store, 1, ...words).code).toBe(99);
    expect(attemptOf(store, 1, 1).end).toMatchObject({ again: true, retry: 'exit code 3' });
    const waits = ['QUEUED', 'to be tried again after exit code 3'];
    expect([Object.values(statusOf(store, 1) ?? {}), infoOf(store, 1)]).toEqual([waits, waits]);
    expect(start(store, 1, ...words).code).toBe(0);
    expect(attempts(store, 1)).toBe(2);
  });

  test('is left to mlx if its engine does not start jobs again, and is no failure of its launch yet', () => {
    const store = runsOf(['sleep 1.2; exit 3'], { retries: 1 });
    mkdirSync(storePaths.failures(store, 'launch1'), { recursive: true });
    expect(start(store, 1, '--limit=2').code).toBe(3);
    expect([attempts(store, 1), ...infoOf(store, 1), failures(store)]).toEqual([1, 'FAILED', 'exit code 3', []]);
  });

  test('in a pack is tried again before the next one', () => {
    const tries = 'echo $MLX_LOG_ID.$MLX_ATTEMPT >> ../said; [ $MLX_LOG_ID.$MLX_ATTEMPT != 1.1 ]';
    const store = runsOf([`cd "$MLX_LOG_DIR"; ${tries}`, `cd "$MLX_LOG_DIR"; ${tries}`], { retries: 1 });
    const map = join(storePaths.launch(store, 'launch1'), 'arrays', '0.map');
    mkdirSync(join(map, '..'), { recursive: true });
    writeFileSync(map, '1 2\n');
    const { status } = spawnSync('bash', [runSh, '--task', map, '1', '5', '--submission=token1'], {
      env: { PATH: process.env['PATH'] },
    });
    expect([status, readFileSync(join(store, 'said'), 'utf8')]).toEqual([0, '1.1\n1.2\n2.1\n']);
  });

  test('is not tried again if it was told to end', () => {
    const store = runsOf(["trap '' TERM; kill -TERM $PPID; sleep 0.5; exit 3"], { retries: 5 });
    expect(start(store, 1).code).toBe(3);
    expect(attempts(store, 1)).toBe(1);
  });
});

describe('a launch in which as many runs have failed as may', () => {
  const failed = (most: number, programs: readonly string[], job: Partial<JobRecord> = {}) => {
    const store = runsOf(programs, job);
    writeMaxFailures(store, 'launch1', most);
    return store;
  };

  test('starts no further run: each turns itself away, and says why', () => {
    const store = failed(2, ['exit 3', 'exit 4', 'touch "$MLX_LOG_DIR/up"', 'true']);
    expect([1, 2, 3, 4].map((id) => start(store, id).code)).toEqual([3, 4, 69, 69]);
    const reason = 'not started: 2 runs of its launch failed (--max-failures 2)';
    expect(statusOf(store, 3)).toEqual({ status: 'STOPPED', reason });
    expect([infoOf(store, 3), attempts(store, 3)]).toEqual([['STOPPED', reason], 0]);
    expect([readdirSync(storePaths.run(store, 3)).includes('up'), failures(store)]).toEqual([false, ['1', '2']]);
  });

  test('starts runs again once more failures are allowed', () => {
    const store = failed(1, ['exit 3', 'true']);
    expect([1, 2].map((id) => start(store, id).code)).toEqual([3, 69]);
    writeMaxFailures(store, 'launch1', 2);
    resubmit(store, 2);
    expect([start(store, 2).code, statusOf(store, 2)?.status]).toEqual([0, 'COMPLETE']);
  });

  test('starts a run that somebody has submitted again, and one that has begun', () => {
    const store = failed(1, ['exit 3', 'true', 'exit 9']);
    const again = runPaths.attemptEnd(storePaths.run(store, 3), 1);
    start(store, 3);
    rmSync(join(storePaths.failures(store, 'launch1'), '3'));
    start(store, 1);
    resubmit(store, 2, { despiteFailures: true });
    expect(start(store, 2).code).toBe(0);
    // As after a preemption: the same submission starts it again.
    writeFileSync(again, readFileSync(again, 'utf8').replace('signals_received: null', 'signals_received: TERM'));
    expect(start(store, 3).code).toBe(9);
  });

  test('counts a run no more that has ended well since', () => {
    const store = failed(1, ['[ -e "$MLX_LOG_DIR/mended" ]', 'true']);
    expect([start(store, 1).code, failures(store)]).toEqual([1, ['1']]);
    writeFileSync(join(storePaths.run(store, 1), 'mended'), '');
    resubmit(store, 1);
    expect([start(store, 1).code, failures(store), start(store, 2).code]).toEqual([0, [], 0]);
  });

  test('counts a run once, however often it fails', () => {
    const store = failed(2, ['exit 3', 'true']);
    start(store, 1);
    resubmit(store, 1);
    start(store, 1);
    expect([failures(store), start(store, 2).code]).toEqual([['1'], 0]);
  });

  test('counts no run that was told to end, unless its time was over or mlx said why', () => {
    const dies = 'kill -TERM $PPID; sleep 10';
    const store = failed(9, [dies, `sleep 1; ${dies}`, dies]);
    const run = storePaths.run(store, 3);
    writeJob(run, {
      ...(readJob(run) as JobRecord),
      verdict: { status: 'STOPPED', attempt: 1, reason: 'by ada' },
    });
    rmSync(runPaths.attempts(run), { recursive: true });
    mkdirSync(runPaths.attempts(run));
    expect([start(store, 1, '--limit=60').code, start(store, 2, '--limit=5').code]).toEqual([143, 143]);
    expect(failures(store)).toEqual(['2']);
  });
});
