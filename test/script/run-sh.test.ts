import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processStart } from '../../src/core/process.js';
import {
  createRun,
  type FinalStatus,
  type JobRecord,
  lastAttemptNumber,
  readAttempt,
  readJob,
  readLastAttempt,
  readMetricsNotes,
  runPaths,
  runStatus,
  writeJob,
} from '../../src/store/index.js';
import { waitUntil } from '../rig/rig.js';
import { contentsOf, runSh, supervisedScript } from './run-contents.js';

/** A complete run directory whose script has this body. */
function makeRun(body: string, job: Partial<JobRecord> = {}): string {
  const parent = mkdtempSync(join(tmpdir(), "mlx run's "));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const run = join(parent, '7');
  mkdirSync(run);
  createRun(
    run,
    contentsOf(
      run,
      { engine: 'here', ...job },
      {
        info: { currentFilePath: '/x.py', executable: '/bin/x', host: 'elsewhere', command: 'x', engine: 'here' },
        overrides: ['a=1'],
        config: 'a: 1\n',
        settings: '{}\n',
        script: supervisedScript(run, body),
      },
    ),
  );
  return run;
}

const info = (run: string, field: string) =>
  new RegExp(`^${field}: (.*)$`, 'm').exec(readFileSync(runPaths.info(run), 'utf8'))?.[1];

function runByToken(run: string, env: NodeJS.ProcessEnv = {}) {
  return spawnSync('bash', [runPaths.script(run)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], MLX_TOKEN: readJob(run)?.token, ...env },
  });
}

function status(run: string) {
  const job = readJob(run);
  return job && runStatus(job, readLastAttempt(run));
}

describe('as a later attempt begins, the lengths of the metrics files', () => {
  test('are noted before its body writes, whatever the files are called', () => {
    const names = [
      'train.json',
      '* ?.json',
      'it\'s "new"\nline.json',
      ' a  b .json',
      '-n.json',
      '.hidden.json',
      'é.json',
    ];
    const run = makeRun(
      'mkdir -p "$MLX_LOG_DIR/metrics"; printf %s "$MLX_ATTEMPT" >> "$MLX_LOG_DIR/metrics/train.json"; exit 3',
    );
    runByToken(run);
    expect(readMetricsNotes(run)).toEqual([]);
    for (const name of names) writeFileSync(join(runPaths.metrics(run), name), 'x'.repeat(name.length));
    mkdirSync(join(runPaths.metrics(run), 'directory.json'));
    expect(runByToken(run)).toMatchObject({ status: 3, stderr: '' });
    const [note, ...more] = readMetricsNotes(run);
    expect(more).toEqual([]);
    expect(note?.attempt).toBe(2);
    expect(Math.abs((note?.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(30);
    expect(Object.fromEntries(note?.lengths ?? [])).toEqual(
      Object.fromEntries(names.map((name) => [name, name.length])),
    );
  });

  test('are noted where there are no files yet, and one file', () => {
    const run = makeRun(
      'mkdir -p "$MLX_LOG_DIR/metrics"; printf %s 12345 >> "$MLX_LOG_DIR/metrics/train.json"; exit $((MLX_ATTEMPT < 4))',
    );
    const lengths = () => readMetricsNotes(run).map((note) => [note.attempt, Object.fromEntries(note.lengths)]);
    runByToken(run);
    rmSync(runPaths.metrics(run), { recursive: true });
    runByToken(run);
    runByToken(run);
    expect(runByToken(run).status).toBe(0);
    expect(lengths()).toEqual([
      [2, {}],
      [3, { 'train.json': 5 }],
      [4, { 'train.json': 10 }],
    ]);
  });

  test('do not stop the run if they can not be noted', () => {
    const run = makeRun('exit $((MLX_ATTEMPT < 2))');
    runByToken(run);
    mkdirSync(runPaths.attemptMetrics(run, 2));
    const { status: code, stderr } = runByToken(run);
    expect([code, stderr]).toEqual([0, expect.stringContaining("can't note the lengths of the metrics files")]);
    expect(status(run)?.status).toBe('COMPLETE');
    expect(readMetricsNotes(run)).toEqual([]);
  });
});

describe('an attempt', () => {
  test('that ends well is on record as COMPLETE', () => {
    const run = makeRun('echo "$MLX_LOG_DIR|$MLX_LOG_ID|$MLX_CONFIG|$MLX_LAUNCH|$MLX_ATTEMPT|$MLX_TOKEN"');
    const { stdout, status: code } = runByToken(run);
    expect([stdout, code]).toEqual([`${run}|7|${run}/metadata/config.yaml|launch1|1|\n`, 0]);
    expect(status(run)).toEqual({ status: 'COMPLETE', reason: undefined });
    expect([info(run, 'status'), info(run, 'exit_code'), info(run, 'attempt'), info(run, 'hostname')]).toEqual([
      'COMPLETE',
      '0',
      '1',
      hostname(),
    ]);
    const attempt = readAttempt(run, 1);
    expect(attempt.claim).toMatchObject({ token: 'token1', byHand: false });
    expect(Math.abs((attempt.end?.end ?? 0) - Date.now() / 1000)).toBeLessThan(30);
  });

  const endings: Record<string, [string, number, FinalStatus, string | undefined]> = {
    fails: ['exit 3', 3, 'FAILED', 'exit code 3'],
    'has its own EXIT trap': ['trap "echo bye" EXIT; exit 4', 4, 'FAILED', 'exit code 4'],
    'dies in a pipeline under set -e': ['set -eo pipefail; false | cat; echo no', 1, 'FAILED', 'exit code 1'],
    'is killed': ['kill -KILL $$', 137, 'FAILED', 'killed by SIGKILL (out of memory?)'],
    'dies of a signal': ['kill -SEGV $$', 139, 'FAILED', 'killed by SIGSEGV'],
    'closes its outputs': ['exec >&- 2>&-; exit 0', 0, 'COMPLETE', undefined],
    'writes binary bytes': ["printf '\\000\\377\\n'; exit 0", 0, 'COMPLETE', undefined],
    'fails in its set-up': ['cd /no/such/place 2>/dev/null || exit; echo no', 1, 'FAILED', 'exit code 1'],
    'starts a command that does not exist': ['/no/such/program', 127, 'FAILED', 'exit code 127'],
  };
  test.for(Object.entries(endings))('that %s gives its exit code and reason', ([, [body, code, word, reason]]) => {
    const run = makeRun(body);
    expect(runByToken(run).status).toBe(code);
    expect(status(run)).toEqual({ status: word, reason });
    expect(info(run, 'status')).toBe(word);
    expect(info(run, 'reason')).toBe(reason ?? 'null');
  });

  test('needs no home, no terminal and hardly a PATH', () => {
    const run = makeRun('exit 0');
    const result = runByToken(run, { HOME: '/proc', PATH: '/usr/bin:/bin', TERM: undefined });
    expect([result.status, result.stderr, status(run)?.status]).toEqual([0, '', 'COMPLETE']);
  });

  test('has variables of its environment as they were, whatever they are called', () => {
    const run = makeRun('echo "$signal $line $lines $file $text $name"');
    const env = { signal: 's', line: 'l', lines: 'ls', file: 'f', text: 't', name: 'n' };
    expect(runByToken(run, env).stdout).toBe('s l ls f t n\n');
  });

  test('takes what it left running with it', async () => {
    const run = makeRun(`sleep 1000 & echo $! > "$MLX_LOG_DIR/child"; (trap "" TERM; sleep 1000) & exit 0`);
    expect(runByToken(run).status).toBe(0);
    const child = Number(readFileSync(join(run, 'child'), 'utf8'));
    await waitUntil(() => processStart(child) === undefined, 'the child to be gone');
  });

  test('passes on TERM, and keeps the exit code that the program chose', async () => {
    const run = makeRun(
      `trap 'echo got TERM > "$MLX_LOG_DIR/got"; exit 9' TERM; touch "$MLX_LOG_DIR/ready"; while :; do sleep 0.05; done`,
    );
    const child = spawn('bash', [runPaths.script(run)], {
      env: { ...process.env, MLX_TOKEN: 'token1' },
      detached: true,
    });
    await waitUntil(() => existsSync(join(run, 'ready')), 'the body to be ready');
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect([code, readFileSync(join(run, 'got'), 'utf8')]).toEqual([9, 'got TERM\n']);
    expect(readAttempt(run, 1).received).toEqual(['TERM']);
  });

  test('that was told to stop ends by the verdict on record', async () => {
    const run = makeRun('touch "$MLX_LOG_DIR/ready"; exec sleep 1000');
    const child = spawn('bash', [runPaths.script(run)], {
      env: { ...process.env, MLX_TOKEN: 'token1' },
      detached: true,
    });
    await waitUntil(() => existsSync(join(run, 'ready')), 'the body to be ready');
    const job = readJob(run)!;
    writeJob(run, { ...job, verdict: { status: 'TIMEOUT', attempt: 1, reason: 'over its 00:00:01 limit' } });
    child.kill('SIGTERM');
    await new Promise((resolve) => child.on('exit', resolve));
    expect(status(run)).toEqual({ status: 'TIMEOUT', reason: 'over its 00:00:01 limit' });
    expect([info(run, 'status'), info(run, 'reason')]).toEqual(['TIMEOUT', '"over its 00:00:01 limit"']);
  });
});

describe('a start is refused', () => {
  test('when the last attempt ended well and the token is the same', () => {
    const run = makeRun('echo ran');
    runByToken(run);
    const again = runByToken(run);
    expect([again.status, again.stdout]).toEqual([0, '']);
    expect(again.stderr).toContain('ended well; not started again');
    expect(lastAttemptNumber(run)).toBe(1);
  });

  test('when an attempt lives on this host', async () => {
    const run = makeRun('touch "$MLX_LOG_DIR/ready"; sleep 1000');
    const child = spawn('bash', [runPaths.script(run)], {
      env: { ...process.env, MLX_TOKEN: 'token1' },
      detached: true,
    });
    await waitUntil(() => existsSync(join(run, 'ready')), 'the body to be ready');
    const second = runByToken(run);
    expect([second.status, lastAttemptNumber(run)]).toEqual([75, 1]);
    expect(second.stderr).toContain('is alive on this host');
    child.kill('SIGQUIT');
    await new Promise((resolve) => child.on('exit', resolve));
  });

  test('when another job of the same submission has started', () => {
    const run = makeRun('exit 1', { engine: 'some', idVariable: 'SOME_JOB_ID' });
    expect(runByToken(run, { SOME_JOB_ID: '11' }).status).toBe(1);
    const second = runByToken(run, { SOME_JOB_ID: '12' });
    expect([second.status, lastAttemptNumber(run)]).toEqual([75, 1]);
    expect(second.stderr).toContain('job 11 of the same submission has started');
    // A restart under the same id is the next attempt.
    expect([runByToken(run, { SOME_JOB_ID: '11' }).status, lastAttemptNumber(run)]).toEqual([1, 2]);
  });

  test('when the directory is not complete', () => {
    const run = makeRun('echo ran');
    rmSync(runPaths.info(run));
    expect(runByToken(run)).toMatchObject({ status: 66, stdout: '' });
  });
});

describe('by hand on a terminal', () => {
  test('Ctrl-C ends the program, which reads what is typed', async () => {
    const run = makeRun(`IFS= read -r line; echo "read $line" > ${'"$MLX_LOG_DIR"'}/said; exec sleep 60`);
    // script(1) gives the command a terminal, and types there what it reads.
    const terminal = spawn('script', ['-qec', `bash "${runPaths.script(run)}"`, '/dev/null'], {
      env: { PATH: process.env['PATH'], SHELL: '/bin/bash' },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => terminal.on('exit', resolve));
    terminal.stdin?.write('a word\n');
    await waitUntil(() => existsSync(join(run, 'said')), 'it has read');
    terminal.stdin?.write('\x03');
    expect(await ended).toBe(130);
    expect(readFileSync(join(run, 'said'), 'utf8')).toBe('read a word\n');
    expect(status(run)).toEqual({ status: 'STOPPED', reason: 'interrupted by hand' });
  });
});

describe('under an engine that signals the process group of a job', () => {
  const mark = `7${process.pid}`;
  const left = () => spawnSync('pgrep', ['-f', `^sleep ${mark}`], { encoding: 'utf8' }).stdout.split('\n').length - 1;
  const start = (run: string) => {
    const words = [runSh, run, '--signals-group', '--submission=token1'];
    return spawn('bash', words, { detached: true, stdio: 'ignore', env: { PATH: process.env['PATH'], JOB_ID: '5' } });
  };

  test('nothing of the program outlives its KILL', async () => {
    const run = makeRun(`sleep ${mark} & sleep ${mark}`, { idVariable: 'JOB_ID' });
    const { pid = 0 } = start(run);
    await waitUntil(() => left() === 2, 'it runs');
    process.kill(-pid, 'SIGKILL');
    await waitUntil(() => left() === 0, 'it is gone');
    expect(readAttempt(run, 1).end).toBeUndefined();
  });

  test('a signal reaches the program once, INT too, and what it leaves running ends with it', async () => {
    const traps = ['USR1', 'INT'].map((signal) => `trap 'echo ${signal} >> "$MLX_LOG_DIR/heard"' ${signal}`);
    const body = `${traps.join('; ')}; trap 'echo TERM >> "$MLX_LOG_DIR/heard"; exit 9' TERM
(trap '' TERM; exec sleep ${mark}) & touch "$MLX_LOG_DIR/ready"; while :; do sleep 0.05; done`;
    const run = makeRun(body, { idVariable: 'JOB_ID' });
    const child = start(run);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await waitUntil(() => existsSync(join(run, 'ready')), 'it is ready');
    for (const signal of ['USR1', 'INT', 'TERM'] as const) {
      process.kill(-(child.pid ?? 0), `SIG${signal}`);
      await waitUntil(
        () =>
          existsSync(join(run, 'heard')) &&
          readFileSync(join(run, 'heard'), 'utf8').includes(signal) &&
          // Bash misses what comes while a trap of its own runs.
          readAttempt(run, 1).received.includes(signal),
        `it has heard ${signal}`,
      );
    }
    expect(await ended).toBe(9);
    expect(readFileSync(join(run, 'heard'), 'utf8')).toBe('USR1\nINT\nTERM\n');
    expect(left()).toBe(0);
    expect(readAttempt(run, 1)).toMatchObject({ end: { exitCode: 9 }, received: ['USR1', 'INT', 'TERM'] });
  });
});

describe('another attempt is made', () => {
  test('by hand, even when the last one ended well', () => {
    const run = makeRun('echo attempt $MLX_ATTEMPT');
    runByToken(run);
    const { stdout } = spawnSync('bash', [runPaths.script(run)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(stdout).toBe('attempt 2\n');
    expect(readAttempt(run, 2).claim?.byHand).toBe(true);
  });

  test('after a sign in job.yaml, by which an index sees that the run has not ended any more', () => {
    const run = makeRun('exit 1');
    utimesSync(runPaths.job(run), 1e9, 1e9);
    runByToken(run);
    expect(statSync(runPaths.job(run)).mtimeMs).toBe(1e12);
    runByToken(run);
    expect(lastAttemptNumber(run)).toBe(2);
    expect(Date.now() - statSync(runPaths.job(run)).mtimeMs).toBeLessThan(60_000);
  });

  test('for a new token, or after an end that was not well', () => {
    const run = makeRun('exit ${MLX_ATTEMPT/2/0}');
    expect(runByToken(run).status).toBe(1);
    expect(runByToken(run).status).toBe(0);
    writeJob(run, { ...readJob(run)!, token: 'token2' });
    expect(runByToken(run).status).toBe(3);
    expect(status(run)).toMatchObject({ status: 'FAILED' });
  });

  test('after one whose process is gone', () => {
    const run = makeRun('exit 0');
    const record = `attempt: 1\ntoken: token1\njob: null\nby_hand: false\nhost: ${hostname()}\npid: 1\nprocess_start: other.1\nstart_seconds: 5\n...\n`;
    writeFileSync(runPaths.attempt(run, 1), record);
    expect([runByToken(run).status, lastAttemptNumber(run)]).toEqual([0, 2]);
  });

  test('after one whose end was cut short, which tells nothing', () => {
    const run = makeRun('exit 0');
    runByToken(run);
    const end = readFileSync(runPaths.attemptEnd(run, 1), 'utf8');
    writeFileSync(runPaths.attemptEnd(run, 1), end.replace('...\n', ''));
    expect([runByToken(run).status, lastAttemptNumber(run)]).toEqual([0, 2]);
  });

  test('and an older one that is still alive writes no status', async () => {
    const run = makeRun('touch "$MLX_LOG_DIR/ready"; sleep 1000');
    const child = spawn('bash', [runPaths.script(run)], {
      env: { ...process.env, MLX_TOKEN: 'token1' },
      detached: true,
    });
    await waitUntil(() => existsSync(join(run, 'ready')), 'the body to be ready');
    const successor = readFileSync(runPaths.attempt(run, 1), 'utf8').replace('attempt: 1', 'attempt: 2');
    writeFileSync(runPaths.attempt(run, 2), successor);
    child.kill('SIGTERM');
    await new Promise((resolve) => child.on('exit', resolve));
    expect(info(run, 'status')).toBe('RUNNING');
    expect(readAttempt(run, 1).end?.exitCode).toBe(143);
  });
});

test('a run that starts another is not mistaken for its supervisor', () => {
  const inner = makeRun('echo inner $MLX_LOG_ID $MLX_ATTEMPT');
  const outer = makeRun(`bash '${runPaths.script(inner).replaceAll("'", `'\\''`)}'`);
  expect(runByToken(outer).stdout).toBe('inner 7 1\n');
  expect([lastAttemptNumber(inner), lastAttemptNumber(outer)]).toEqual([1, 1]);
});

describe('a run that an engine starts again', () => {
  const start = (run: string, ...words: string[]) =>
    spawnSync('bash', [runSh, run, `--submission=${readJob(run)?.token}`, ...words], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], MLX_TOKEN: readJob(run)?.token, JOB_ID: '5' },
    });
  const waits =
    'trap \'echo warned >> "$MLX_LOG_DIR/heard"\' USR1; for ((i = 0; i < 80; i++)); do read -rt 0.1 <> <(:); done';

  test('is warned, ended before its limit, and put back by its exit code', () => {
    const run = makeRun(waits, { idVariable: 'JOB_ID' });
    const words = [
      '--at=1:USR1',
      '--at=2:END',
      '--continue=',
      '--restart=exit:99',
      '--reserved=99',
      '--signal-to=program',
    ];
    expect(start(run, ...words).status).toBe(99);
    expect(readFileSync(join(run, 'heard'), 'utf8')).toBe('warned\n');
    expect(readAttempt(run, 1)).toMatchObject({
      received: ['USR1', 'TERM'],
      end: { exitCode: 143, overTime: true, again: true },
    });
    expect([status(run), info(run, 'status'), info(run, 'reason')]).toEqual([
      { status: 'TIMEOUT', reason: 'at its time limit' },
      'TIMEOUT',
      'at its time limit',
    ]);
  });

  test('has all of its time when it goes on for the last time', () => {
    const run = makeRun('sleep 2', { idVariable: 'JOB_ID', continued: 1 });
    expect(start(run, '--at=1:END', '--continue=1', '--restart=exit:99').status).toBe(0);
    expect(status(run)).toEqual({ status: 'COMPLETE', reason: undefined });
  });

  test('has the job started again by a command, given its id', () => {
    const run = makeRun('sleep 30', { idVariable: 'JOB_ID' });
    const { stdout } = start(run, '--at=1:END', '--continue=', '--restart=echo requeue');
    expect(stdout).toBe('requeue 5\n');
  });

  test('is not put back where it was stopped, or failed by itself', () => {
    const run = makeRun('exit 3', { idVariable: 'JOB_ID' });
    expect(start(run, '--continue=', '--requeue=', '--restart=exit:99').status).toBe(3);
    const job = readJob(run) as JobRecord;
    writeJob(run, {
      ...job,
      token: 'token2',
      firstAttempt: 2,
      verdict: { status: 'STOPPED', attempt: 2, reason: 'by ada' },
    });
    expect(start(run, '--at=1:END', '--continue=', '--restart=exit:99').status).toBe(143);
  });

  test('more often than --requeue=N allows fails, and does nothing', () => {
    const run = makeRun('kill -TERM $$', { idVariable: 'JOB_ID' });
    const codes = [1, 2, 3].map(() => start(run, '--requeue=1', '--restart=exit:99').status);
    expect(codes).toEqual([143, 143, 69]);
    expect(status(run)?.reason).toBe('started again 1 time, as often as --requeue=1 allows');
  });
});
