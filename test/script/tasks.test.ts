import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { commandLines, renderScript, renderTaskScript } from '../../src/script/index.js';
import { createRun, readJob, readLastAttempt, runPaths, storePaths, writeJob } from '../../src/store/index.js';
import { soak, waitUntil } from '../rig/rig.js';
import { contentsOf, runSh } from './run-contents.js';

interface Pack {
  readonly store: string;
  readonly script: string;
}

/** A store with runs 1, 2, … whose programs are these, and the script of a job that runs them one after the other. */
function pack(...programs: readonly string[]): Pack {
  const parent = mkdtempSync(join(tmpdir(), "mlx pack's "));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const store = join(parent, 'logs');
  const arrays = join(storePaths.launch(store, 'launch1'), 'arrays');
  mkdirSync(arrays, { recursive: true });
  programs.forEach((program, i) => {
    const run = storePaths.run(store, i + 1);
    mkdirSync(run);
    createRun(
      run,
      contentsOf(
        run,
        { point: i, task: { array: 0, index: 1 } },
        {
          info: { workDirectory: parent },
          script: renderScript({
            shell: '/bin/bash',
            directives: [],
            runDirectory: run,
            supervisor: runSh,
            supervisorWords: [],
            environment: [],
            setup: ['echo set up'],
            workDirectory: parent,
            body: commandLines(['bash', '-c', program], ['echo cleaned up']),
          }),
        },
      ),
    );
  });
  const map = join(arrays, '0.map');
  writeFileSync(map, `${programs.map((_, i) => i + 1).join(' ')}\n`);
  const script = join(arrays, '0.sh');
  const text = {
    shell: '/bin/bash',
    directives: [],
    supervisor: runSh,
    map,
    index: '1',
    jobId: '"$SOME_JOB"',
    supervisorWords: [],
  };
  writeFileSync(script, renderTaskScript(text));
  return { store, script };
}

const submission = ['--submission=token1'];
const env = { PATH: process.env['PATH'], SOME_JOB: '77' };
const start = ({ script }: Pack, words = submission) =>
  spawnSync('bash', [script, ...words], { encoding: 'utf8', env });
const log = ({ store }: Pack, id: number) => readFileSync(runPaths.stdout(storePaths.run(store, id)), 'utf8');
const attempt = ({ store }: Pack, id: number) => readLastAttempt(storePaths.run(store, id));

test('a pack runs its runs one after the other, and ends with the worst of their exit codes', () => {
  const some = pack('echo one', 'echo two; exit 3', 'echo three');
  expect(start(some).status).toBe(3);
  expect([1, 2, 3].map((id) => log(some, id))).toEqual(
    ['one', 'two', 'three'].map((word) => `set up\n${word}\ncleaned up\n`),
  );
  expect([1, 2, 3].map((id) => attempt(some, id)?.end?.exitCode)).toEqual([0, 3, 0]);
  expect(attempt(some, 2)?.claim).toMatchObject({ jobId: '77', byHand: false, token: 'token1' });
});

test('a pack leaves variables of the environment as they were, whatever they are called', () => {
  const names = ['map', 'store', 'line', 'ids', 'id', 'worst', 'signal', 'token'];
  const some = pack(`echo ${names.map((name) => `$${name}`).join(' ')}`, 'true');
  const own = Object.fromEntries(names.map((name) => [name, `my ${name}`]));
  spawnSync('bash', [some.script, ...submission], { env: { ...env, ...own } });
  expect(log(some, 1)).toContain(`\n${names.map((name) => `my ${name}`).join(' ')}\n`);
});

test('a pack that is started again goes on where it was ended, and tries nothing again that had failed by itself', async () => {
  const some = pack('exit 3', 'touch waits; sleep 60', 'echo three');
  const child = spawn('bash', [some.script, ...submission], { env, stdio: 'ignore' });
  const waits = join(some.store, '..', 'waits');
  await waitUntil(() => existsSync(waits), 'the second run');
  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(143);
  expect([1, 2, 3].map((id) => attempt(some, id)?.number)).toEqual([1, 1, undefined]);
  // What is to be done when a program was ended was done.
  expect(log(some, 2)).toBe('set up\ncleaned up\n');
  writeFileSync(
    join(storePaths.run(some.store, 2), 'script.sh'),
    readFileSync(runPaths.script(storePaths.run(some.store, 2)), 'utf8').replace('sleep 60', 'true'),
  );
  expect(start(some).status).toBe(0);
  expect([1, 2, 3].map((id) => attempt(some, id)?.number)).toEqual([1, 2, 1]);
});

test('a run of a pack that was stopped before its turn is passed over', () => {
  const some = pack('echo one', 'echo two');
  const second = storePaths.run(some.store, 2);
  const job = readJob(second);
  if (job) writeJob(second, { ...job, verdict: { status: 'STOPPED', attempt: 1, reason: 'by ada' } });
  start(some);
  expect([attempt(some, 1)?.number, attempt(some, 2)]).toEqual([1, undefined]);
});

test('a submission of before starts nothing', () => {
  const some = pack('echo one');
  expect(start(some, ['--submission=older']).status).toBe(75);
  expect(attempt(some, 1)).toBe(undefined);
});

test('exit codes that mean something to the engine are not its to see, and are on record', () => {
  const some = pack('exit 99', 'exit 100');
  expect(start(some, [...submission, '--reserved=99,100']).status).toBe(1);
  expect([1, 2].map((id) => attempt(some, id)?.end?.exitCode)).toEqual([99, 100]);
});

test('what ends the supervisor and its program at once is on record as the signal it was', {
  timeout: 300_000,
}, async () => {
  // bash tells nothing of the program once in some forty times; engines signal every process of a job.
  for (let round = 0; round < (soak ? 200 : 15); round++) {
    const some = pack('while :; do sleep 0.2; done');
    const child = spawn('bash', [some.script, ...submission], { env, stdio: 'ignore', detached: true });
    await waitUntil(() => existsSync(runPaths.attempt(storePaths.run(some.store, 1), 1)), 'its attempt');
    await sleep(60);
    const { stdout } = spawnSync('ps', ['-s', String(child.pid), '-o', 'pid='], { encoding: 'utf8' });
    const pids = stdout.trim().split(/\s+/);
    spawnSync('kill', ['-CONT', ...pids]);
    spawnSync('kill', ['-TERM', ...pids]);
    await new Promise((resolve) => child.on('exit', resolve));
    expect(attempt(some, 1)?.end).toMatchObject({ exitCode: 143, signal: 'TERM' });
  }
});
