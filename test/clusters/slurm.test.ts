import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { gitEnvironment } from '../code/git-rig.js';
import { waitUntil } from '../rig/rig.js';
import { type ClusterRig, clusterRig, ids, program } from './rig.js';

const start = fileURLToPath(new URL('start-slurm.sh', import.meta.url));
const directory = join(tmpdir(), 'mlx-test-slurm');

/** Sends a signal to the controller, and brings it back when the test is over. */
async function signalController(signal: string): Promise<void> {
  await execa('bash', ['-c', `kill -${signal} $(cat ${directory}/run/slurmctld.pid)`]);
  onTestFinished(async () => void (await execa('bash', [start, directory], { stdio: 'ignore' })), 60_000);
}

/** Waits until the sbatch that submits a run is under way, or has ended. */
async function sbatchIs(state: 'there' | 'gone', rig: ClusterRig, run: number): Promise<void> {
  const pattern = `sbatch .*${basename(dirname(rig.directory))}/.*logs/${run}/script.sh.*`;
  const exitCode = state === 'there' ? 0 : 1;
  await waitUntil(
    async () => (await rig.command('pgrep', '-fx', pattern)).exitCode === exitCode,
    `sbatch to be ${state}`,
    100_000,
  );
}

// Each of these waits for a minute, and takes nothing from the other.
describe.concurrent('Slurm, by and by', () => {
  test('a job over its time limit is TIMEOUT; the signals it was sent are on record', {
    timeout: 200_000,
  }, async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', 'slurm', '--partition', 'debug', '--time', '1m');
    const runs = await rig.until([1], 'TIMEOUT', 150);
    expect(runs.get(1)?.reason).toBe('over its time limit');
    expect(rig.read('logs/1/metadata/attempts/1.end.yaml')).toContain('TERM');
    // Put on record, for Slurm forgets.
    expect(rig.read('logs/1/metadata/info.yaml')).toMatch(/^status: TIMEOUT\n/);
    expect((await rig.mlx('why', '1')).stdout).toContain('state in Slurm  TIMEOUT');
  });

  test('a job that vanished from the engine and left no end is LOST, but only after a while', {
    timeout: 200_000,
  }, async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', '--scheduler', 'slurm', '--option', '--hold');
    const { job_id } = (await rig.until([1], 'HELD')).get(1) ?? {};
    await rig.command('scancel', job_id ?? '');
    // An id that Slurm has never had.
    const job = rig.read('logs/1/metadata/job.yaml');
    rig.write('logs/1/metadata/job.yaml', job.replace(/^job_id: .*/m, 'job_id: "999999"'));
    rmSync(join(rig.directory, 'logs/1/metadata/engine.yaml'), { force: true });
    expect((await rig.list()).get(1)?.status).toBe('QUEUED');
    const lost = await rig.until([1], 'LOST', 90);
    expect(lost.get(1)?.reason).toBe('the engine does not know its job any more, and it never started');
    expect((await rig.mlx('resume')).stdout).toMatch(/^logs\/1 → slurm \d+\n$/);
    await rig.mlx('stop', '1');
  });
});

describe('Slurm', () => {
  test('a job that is preempted waits and runs again, as the next attempt of the same run', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx(
      'run',
      'main.sh',
      'do=wait',
      '--scheduler',
      'slurm',
      '--partition',
      'preempt',
      '--option',
      '--exclusive',
      '--nodes',
      '4',
    );
    await rig.until([1], 'RUNNING');
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/waits')), 'the program');
    await rig.command('sbatch', '--exclusive', '-N', '4', '-o', '/dev/null', '--wrap', 'sleep 2');
    const waiting = await rig.until([1], 'QUEUED');
    expect(waiting.get(1)).toMatchObject({ attempt: 1, reason: 'to be started again' });
    await rig.until([1], 'RUNNING', 90);
    rig.write('go', '');
    expect((await rig.until([1], 'COMPLETE')).get(1)).toMatchObject({ attempt: 2, status: 'COMPLETE' });
    // What both attempts wrote is there.
    expect(rig.read('logs/1/log.stdout')).toMatch(/^do=wait\n--- attempt 2, .*\ndo=wait\n$/);
  });

  test('a job that another hand cancels is STOPPED, and one that it holds is HELD', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=sleep', 'a=1,2', '--scheduler', 'slurm', '--option', '--hold');
    const held = await rig.until(ids(2), 'HELD');
    expect(held.get(1)?.reason).toBe('held by its owner');
    await rig.command('scontrol', 'release', held.get(1)?.job_id ?? '');
    await rig.until([1], 'RUNNING');
    await rig.command('scancel', held.get(1)?.job_id ?? '', held.get(2)?.job_id ?? '');
    const runs = await rig.until(ids(2), 'STOPPED');
    expect(ids(2).map((id) => runs.get(id)?.reason)).toEqual(['cancelled in Slurm', 'cancelled in Slurm']);
  });

  test('jobs that wait run the code of their launch, whatever is edited meanwhile', async (context) => {
    const rig = clusterRig('slurm', context, undefined, gitEnvironment);
    const git = (...words: string[]) => rig.command('git', ...words);
    rig.write('main.sh', '#!/bin/bash\necho "old, $1"; pwd\n');
    rig.write('.gitignore', 'logs/\n.workdir/\n');
    for (const words of [
      ['init', '-q'],
      ['add', '-A'],
      ['commit', '-q', '-m', 'old'],
    ] as const)
      await git(...words);
    const commit = (await git('rev-parse', 'HEAD')).stdout.trim();
    const launch = ['run', 'main.sh', 'a=1,2', '--versioned', '--scheduler', 'slurm', '--option', '--hold', '-q'];
    expect(await rig.mlx(...launch)).toMatchObject({ exitCode: 0, stderr: '' });
    const held = await rig.until(ids(2), 'HELD');
    rig.write('main.sh', '#!/bin/bash\necho new\n');
    // What unfinished runs use is no garbage, however long they wait.
    const stores = join(rig.directory, '.workdir', commit, '.git/mlx/stores');
    for (const name of readdirSync(stores)) utimesSync(join(stores, name), 0, 0);
    expect((await rig.mlx('gc', '--dry-run')).stdout).toMatch(/^nothing to remove/);
    for (const { job_id: job } of held.values()) await rig.command('scontrol', 'release', job ?? '');
    await rig.until(ids(2), 'COMPLETE');
    expect(rig.read('logs/2/log.stdout')).toBe(`old, a=2\n${join(rig.directory, '.workdir', commit)}\n`);
    const info = rig.read('logs/2/metadata/info.yaml');
    expect(info).toContain(`commit_hash: ${commit}\n`);
    expect((await rig.mlx('gc', '--dry-run')).stdout).toContain('a copy of code that no unfinished run uses');
  });

  test('tasks of an array that are cancelled together while they wait are each STOPPED', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'a=1,2,3,4,5', '--scheduler', 'slurm', '--array', 'always', '--option', '--hold');
    const job = (await rig.until(ids(5), 'HELD')).get(1)?.job_id?.replace(/_1$/, '');
    await rig.command('scancel', `${job}_[2-3]`, `${job}_5`);
    await rig.until([2, 3, 5], 'STOPPED');
    await rig.command('scontrol', 'release', String(job));
    await rig.until([1, 4], 'COMPLETE');
  });

  test.for([
    [['--time', '10m', '--partition', 'debug'], "a time of 00:10:00 is over the 00:01:00 of 'debug'"],
    [['--cpus', '64'], "no node of 'main' has 64 CPUs, the largest has 4"],
    [['--nodes', '9'], "'main' has 4 nodes, not 9"],
    [['--mem', '1T'], "no node of 'main' has 1T of memory, the largest has 4000M"],
    [['--partition', 'mian'], "it has no queue 'mian', did you mean 'main'?; there are main, debug, preempt"],
  ] as const)(
    'what it would take and never run is refused before anything is written: %s',
    async ([options, problem], context) => {
      const rig = clusterRig('slurm', context);
      rig.write('main.sh', program);
      const { exitCode, stderr } = await rig.mlx('run', 'main.sh', '--scheduler', 'slurm', ...options);
      expect([exitCode, stderr]).toEqual([
        3,
        `mlx: Slurm could never run these jobs: ${problem}; nothing was submitted\n  ask for what there is, or for another queue with --partition\n`,
      ]);
      expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
    },
  );

  test('a job that waits for ever is told as stuck, with the reason', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=fail', '--scheduler', 'slurm');
    const failed = (await rig.until([1], 'FAILED')).get(1)?.job_id;
    await rig.mlx('run', 'main.sh', '--scheduler', 'slurm', '--option', `--dependency=afterok:${failed}`);
    const isStuck = async () => /stuck/.test((await rig.mlx('why', '2')).stdout);
    await waitUntil(isStuck, 'the reason', 60_000);
    const { stdout } = await rig.mlx('why', '2');
    expect(stdout).toMatch(/^status +QUEUED: what it waits for has failed$/m);
    expect(stdout).toMatch(/^stuck +it can never start as things are$/m);
    await rig.mlx('stop', '2');
  });

  test('more runs than an array may have are several arrays, and --max-running throttles them', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', '#!/bin/bash\n:\n');
    const words = Array.from({ length: 1500 }, (_, i) => i).join(',');
    const options = ['--scheduler', 'slurm', '--max-running', '3', '--option', '--hold'];
    const { stdout } = await rig.mlx('run', 'main.sh', `i=${words}`, ...options);
    expect(stdout).toMatch(/^logs\/1…750 \(750 runs\) → slurm \d+\nlogs\/751…1500 \(750 runs\) → slurm \d+\n$/);
    expect((await rig.list()).get(1500)).toMatchObject({ status: 'HELD', job_id: expect.stringMatching(/_750$/) });
    expect((await rig.mlx('stop', '@last')).exitCode).toBe(0);
    await rig.until([1, 751, 1500], 'STOPPED');
  });

  test('while the controller is down, what is known is shown as of when; a submission waits for it', {
    timeout: 300_000,
  }, async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=wait', '--scheduler', 'slurm');
    await rig.until([1], 'RUNNING');
    // A controller that dies before it has saved that a job was started starts it again.
    await sleep(6000);
    await signalController('KILL');
    const down = await rig.mlx('list');
    expect(down.stderr).toMatch(
      /^warning: slurm does not answer \(.*\); its runs are shown by what it said at \d\d:\d\d:\d\d\n$/,
    );
    expect(down.stdout).toMatch(/ 1 {2}running/);
    const submission = rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'slurm');
    await sbatchIs('there', rig, 2);
    await sbatchIs('gone', rig, 2);
    await execa('bash', [start, directory]);
    const { exitCode, stderr } = await submission;
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/waiting {2}Slurm: .*Unable to contact slurm controller.*; looking again in 2s/),
    ]);
    rig.write('go', '');
    await rig.until([1, 2], 'COMPLETE', 150);
  });

  test('a submission that a frozen controller took though it did not answer is found again, and not repeated', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'slurm');
    await rig.until([1], 'COMPLETE');
    await signalController('STOP');
    const submission = rig.mlx('run', 'main.sh', 'do=well', 'a=1', '--no-config', '--scheduler', 'slurm', '-v');
    await sbatchIs('there', rig, 2);
    // Longer than sbatch waits for an answer.
    await sleep(25_000);
    await signalController('CONT');
    const { exitCode, stdout, stderr } = await submission;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Socket timed out')]);
    expect(stdout).toMatch(/logs\/2 → slurm \d+/);
    const runs = await rig.until([2], 'COMPLETE');
    // The accounting of a controller that stood still lags behind.
    const columns = [
      '-n',
      '-X',
      '-P',
      '--name',
      'logs/2',
      '-S',
      'now-5minutes',
      '-o',
      'JobID,State,WorkDir,SubmitLine',
    ];
    let ours: string[] = [];
    await waitUntil(async () => {
      const { stdout: told } = await rig.command('sacct', ...columns);
      ours = told.split('\n').filter((line) => line.includes(rig.directory));
      return ours.some((line) => line.includes('|COMPLETED'));
    }, 'the accounting');
    expect(ours.length).toBe(1);
    expect(ours[0]).toContain(`${runs.get(2)?.job_id}|COMPLETED`);
  });

  test('a job that an older submission left in the queue does not start a run that was submitted anew', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'slurm', '--option', '--hold');
    const old = (await rig.until([1], 'HELD')).get(1)?.job_id ?? '';
    // As if the engine had been asked to cancel it and had not heard.
    const job = rig.read('logs/1/metadata/job.yaml');
    rig.write(
      'logs/1/metadata/job.yaml',
      job.replace(/^token: .*/m, 'token: other').replace(/^job_id: .*/m, 'job_id: null'),
    );
    await rig.command('scontrol', 'release', old);
    const log = join(rig.directory, 'logs/1/log.stderr');
    await waitUntil(
      () => existsSync(log) && rig.read('logs/1/log.stderr').includes('was submitted anew'),
      'its refusal',
    );
    expect((await rig.list()).get(1)?.attempt).toBe(0);
  });

  test('--max-queued feeds the jobs in one after the other', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', '#!/bin/bash\nsleep 1\n');
    const { exitCode, stderr } = await rig.mlx(
      'run',
      'main.sh',
      'a=1,2,3',
      '--scheduler',
      'slurm',
      '--max-queued',
      '1',
    );
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('as many as --max-queued allows')]);
    await rig.until(ids(3), 'COMPLETE');
  });
});

describe('Slurm without accounting', () => {
  const other = join(tmpdir(), 'mlx-test-slurm-bare');
  const env = { SLURM_CONF: join(other, 'etc', 'slurm.conf') };

  async function startOther(context: TestContext): Promise<ClusterRig> {
    const rig = clusterRig('slurm', context, 'project', env);
    const options = [
      '--no-acct',
      '--nodes',
      '2',
      '--port',
      '18810',
      '--conf',
      'SlurmdTimeout=6',
      '--conf',
      'MinJobAge=5',
    ];
    await execa('bash', [start, ...options, other]);
    const stop = fileURLToPath(new URL('stop-slurm.sh', import.meta.url));
    onTestFinished(async () => void (await execa('bash', [stop, '--wipe', other], { reject: false })), 60_000);
    rig.write('main.sh', program);
    return rig;
  }

  test('tells ends by what is on disk and by what Slurm still knows', { timeout: 180_000 }, async (context) => {
    const rig = await startOther(context);
    await rig.mlx('run', 'main.sh', 'do=well,fail,kill,sleep', '--scheduler', 'slurm', '--time', '5m');
    await rig.until([4], 'RUNNING');
    await rig.command('scancel', (await rig.list()).get(4)?.job_id ?? '');
    const runs = await rig.until(ids(4), 'COMPLETE FAILED STOPPED');
    expect(ids(4).map((id) => [runs.get(id)?.status, runs.get(id)?.reason])).toEqual([
      ['COMPLETE', null],
      ['FAILED', 'exit code 3'],
      ['FAILED', 'killed by SIGKILL (out of memory?)'],
      ['STOPPED', 'cancelled in Slurm'],
    ]);
    expect((await rig.mlx('why', '4')).exitCode).toBe(0);
  });

  test('a job whose node is lost has failed, and says so', { timeout: 180_000 }, async (context) => {
    const rig = await startOther(context);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', 'slurm', '--no-requeue', '--option', '-w n1');
    await rig.until([1], 'RUNNING');
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/metadata/attempts/1.yaml')), 'its attempt');
    await execa('bash', ['-c', `kill -9 $(cat ${other}/run/slurmd.n1.pid); pkill -9 -f 'slurmstepd: \\[' || true`]);
    const runs = await rig.until([1], 'FAILED', 120);
    expect(runs.get(1)?.reason).toBe('its node failed');
  });
});
