import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, type TestContext, test } from 'vitest';
import { type ClusterRig, clusterRig } from './rig.js';
import type { ClusterName } from './start.js';

const example = (name: string) => fileURLToPath(new URL(`../../examples/iris/${name}`, import.meta.url));
const slurmDirectory = join(tmpdir(), 'mlx-test-slurm');

/** A project with the example that trains, which saves its state after every epoch. */
function training(name: ClusterName, context: TestContext, project?: string): ClusterRig {
  const rig = clusterRig(name, context, project);
  for (const file of ['train.py', 'configs/config.yaml', 'data/iris.csv']) {
    rig.write(file, readFileSync(example(file), 'utf8'));
  }
  return rig;
}

/** What a run has logged, without the attempts that did so. */
const curve = (rig: ClusterRig, id: number, log = 'train') =>
  rig.read(`logs/${id}/metrics/${log}.json`).replace(/, "_attempt": \d+/g, '');

const epochs = (rig: ClusterRig, id: number) => {
  const path = `logs/${id}/metrics/train.json`;
  return existsSync(join(rig.directory, path)) ? rig.read(path).split('\n').length - 1 : 0;
};

async function waitFor(condition: () => boolean | Promise<boolean>, what: string, seconds = 120): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await condition()); await sleep(200)) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
  }
}

const attemptOf = async (rig: ClusterRig, id: number) => (await rig.list()).get(id)?.attempt ?? 0;

/** Waits until this attempt has trained on for a while. */
const trains = (rig: ClusterRig, id: number, attempt: number) => {
  let from: number | undefined;
  return waitFor(async () => {
    if ((await attemptOf(rig, id)) < attempt) return false;
    from ??= epochs(rig, id);
    return epochs(rig, id) > from + 100;
  }, `attempt ${attempt} of run ${id}`);
};

// A program that counts seconds, saves how far it is, and goes on from there.
const counter = `import mlxrun, sys, time
run = mlxrun.start()
state = run.latest_checkpoint() or {"tick": 0}
while state["tick"] < int(run.config["ticks"]):
    time.sleep(1)
    state["tick"] += 1
    run.log_metrics({"tick": state["tick"]})
    run.checkpoint(state)
`;
const ticks = (rig: ClusterRig, id: number) =>
  rig
    .read(`logs/${id}/metrics/train.json`)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).tick);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

// They wait for their engines most of the time, each on a node of its own.
describe.concurrent('long training survives the cluster', { timeout: 400_000 }, () => {
  test('preempted three times by Slurm, it ends with the curve of a training that was left alone', async (context) => {
    const rig = training('slurm', context);
    const words = ['run', 'train.py', 'epochs=3000', '--scheduler', 'slurm', '--quiet'];
    await rig.mlx(...words, '--option', '--nodelist=n2');
    await rig.mlx(...words, '--partition', 'preempt', '--requeue=3', '--option', '--nodelist=n1');
    for (const attempt of [1, 2, 3]) {
      await trains(rig, 2, attempt);
      await rig.command('sbatch', '-p', 'main', '-w', 'n1', '--exclusive', '-o', '/dev/null', '--wrap', 'sleep 1');
      await waitFor(async () => (await attemptOf(rig, 2)) > attempt, `attempt ${attempt + 1}`);
    }
    const runs = await rig.until([1, 2], 'COMPLETE', 200);
    expect([runs.get(1)?.attempt, runs.get(2)?.attempt]).toEqual([1, 4]);
    for (const log of ['train', 'test']) expect(curve(rig, 2, log)).toBe(curve(rig, 1, log));
    expect(epochs(rig, 2)).toBe(3000);
    expect(rig.read('logs/2/log.stdout')).toContain('after 3000 epochs: held-out loss');
    const list = (await rig.mlx('list')).stdout;
    expect(list).toMatch(/^run +status .* attempt/m);
    expect(list).toMatch(/^ *2 +complete .* 4 {2,}\S/m);
  });

  test('preempted more often than --requeue=N allows, it fails and says so', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', '#!/bin/bash\nsleep 300\n');
    await rig.mlx('run', 'main.sh', '--scheduler', 'slurm', '--requeue=1', '--option', '--nodelist=n2');
    for (const attempt of [1, 2]) {
      await waitFor(async () => {
        const run = (await rig.list()).get(1);
        return run?.status === 'RUNNING' && run.attempt === attempt;
      }, `attempt ${attempt}`);
      await rig.command('scontrol', 'requeue', (await rig.list()).get(1)?.job_id ?? '');
    }
    const runs = await rig.until([1], 'FAILED', 120);
    expect(runs.get(1)).toMatchObject({ attempt: 3, reason: 'started again 1 time, as often as --requeue=1 allows' });
  });

  test('a job of three minutes comes through slots of one', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('count.py', counter);
    const slot = ['--scheduler', 'slurm', '--partition', 'debug', '--time', '1m', '--option', '--nodelist=n3'];
    await rig.mlx('run', 'count.py', '+ticks=180', ...slot, '--continue-on-timeout');
    const runs = await rig.until([1], 'COMPLETE', 380);
    expect(runs.get(1)?.attempt).toBeGreaterThanOrEqual(4);
    expect(ticks(rig, 1)).toEqual(upTo(180));
    expect((await rig.mlx('show', '1')).stdout).toMatch(/^ {2}1 .* was sent TERM {2}at its time limit$/m);
  });

  test('a program that ignores TERM is killed after the grace of its site, and that is told', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('deaf.py', 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(300)\n');
    await rig.mlx('run', 'deaf.py', '--scheduler', 'slurm', '--option', '--nodelist=n2');
    await rig.until([1], 'RUNNING');
    await sleep(2000);
    await rig.command('scancel', (await rig.list()).get(1)?.job_id ?? '');
    const runs = await rig.until([1], 'STOPPED');
    expect(runs.get(1)?.reason).toBe('cancelled in Slurm; killed, since it did not end when it was told to');
  });

  test('a run whose node is lost goes on from its checkpoint on another one', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('count.py', counter);
    await rig.mlx('run', 'count.py', '+ticks=20', '--scheduler', 'slurm', '--requeue', '--option', '--nodelist=n4');
    await waitFor(() => existsSync(join(rig.directory, 'logs/1/artifacts/Checkpoint/last_ckpt.pkl')), 'a checkpoint');
    const jobId = (await rig.list()).get(1)?.job_id ?? '';
    // The daemon, what it has started for the job, and the job.
    // A bracket keeps pkill from finding this very command.
    const kill = [
      '[s]lurmd .*-N n4$',
      `[s]lurmstepd: .${jobId}[.]`,
      `[r]un.sh .*${basename(dirname(rig.directory))}`,
      '[c]ount.py .*ticks=20',
    ];
    await execa('bash', ['-c', kill.map((pattern) => `pkill -9 -f '${pattern}'`).join('; ')], { reject: false });
    await rig.until([1], 'QUEUED', 120);
    await rig.command('scontrol', 'update', `JobId=${jobId}`, 'ReqNodeList=');
    const runs = await rig.until([1], 'COMPLETE', 300);
    await execa('bash', [fileURLToPath(new URL('start-slurm.sh', import.meta.url)), slurmDirectory], {
      stdio: 'ignore',
    });
    expect(runs.get(1)?.attempt).toBe(2);
    expect(ticks(rig, 1)).toEqual(upTo(20));
  });

  test('a step that failed in the middle is where the next attempt begins', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('prepare.sh', '#!/bin/bash\necho "prepared for $1"\n');
    rig.write('train.sh', '#!/bin/bash\necho "training $*"\n[ -e go-on ] || exit 3\n');
    const steps = ['--step', 'prepare: ./prepare.sh {seed}', '--step', 'train: ./train.sh {overrides}'];
    await rig.mlx('run', 'seed=5', ...steps, '--step', "end: bash -c 'echo over'", '--scheduler', 'slurm');
    expect((await rig.until([1], 'FAILED')).get(1)?.reason).toBe('step train, exit code 3');
    rig.write('go-on', '');
    await rig.mlx('resubmit', '1');
    await rig.until([1], 'COMPLETE');
    expect(rig.read('logs/1/log.stdout')).toMatch(
      /^prepared for 5\ntraining seed=5\n--- attempt 2, \S+ on \S+ ---\ntraining seed=5\nover\n$/,
    );
    expect((await rig.mlx('show', '1')).stdout).toMatch(/step prepare {2}done in attempt 1\n.*step train {2}\d/);
  });

  test('what runs used of what they asked for is known of Slurm', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write(
      'busy.py',
      'import time\nx = bytearray(100_000_000)\nend = time.time() + 7\nwhile time.time() < end: pass\n',
    );
    await rig.mlx('run', 'busy.py', '--scheduler', 'slurm', '--time', '30m', '--cpus', '4', '--mem', '2G');
    await rig.until([1], 'COMPLETE');
    const usage = async () => JSON.parse((await rig.mlx('report', '--usage', '--json')).stdout);
    await waitFor(async () => (await usage()).runs[0].peak_memory > 1e8, 'accounting', 60);
    const { runs, hints } = await usage();
    expect(runs[0]).toMatchObject({ time_limit: 1800, cpus: 4, memory: 2 * 2 ** 30 });
    expect(runs[0].cpu_seconds).toBeGreaterThan(1);
    expect(hints).toEqual([
      expect.stringMatching(/^hint: the longest took \S+ of 00:30:00: --time 00:01:00/),
      expect.stringMatching(/^hint: no more than \d+% of 4 CPUs were busy: --cpus [12]$/),
      expect.stringMatching(/^hint: at most 1\d\dM of 2G of memory were used: --mem \d+M$/),
    ]);
  });

  test('a besteffort job of OAR is killed without notice, and goes on from its last checkpoint', async (context) => {
    const rig = training('oar', context, 'project');
    await rig.mlx('run', 'train.py', 'epochs=2000', '--quiet');
    const words = ['--scheduler', 'oar', '--requeue', '--option', '-t besteffort', '--quiet'];
    await rig.mlx('run', 'train.py', 'epochs=2000', ...words);
    await trains(rig, 2, 1);
    await rig.command('oarsub', '-l', 'nodes=2', '-O', '/dev/null', '-E', '/dev/null', 'sleep 1');
    const runs = await rig.until([2], 'COMPLETE', 300);
    expect(runs.get(2)?.attempt).toBeGreaterThanOrEqual(2);
    expect(curve(rig, 2)).toBe(curve(rig, 1));
  });

  test('Grid Engine gives notice before it puts a job back, and the training goes on', async (context) => {
    const rig = training('sge', context);
    // Grid Engine takes its time to give notice, so the first attempt in a job is in no hurry.
    const step = '        train_epoch(weights, train, config.optimizer, rng)\n';
    const pause = '        __import__("time").sleep(0.02 * ("JOB_ID" in os.environ and run.attempt == 1))\n';
    rig.write('train.py', rig.read('train.py').replace(step, step + pause));
    await rig.mlx('run', 'train.py', 'epochs=2000', '--quiet');
    await rig.mlx('run', 'train.py', 'epochs=2000', '--scheduler', 'sge', '--requeue', '--quiet');
    const [, job = ''] = /^job_id: "?(\d+)/m.exec(rig.read('logs/2/metadata/job.yaml')) ?? [];
    await trains(rig, 2, 1);
    await rig.command('qmod', '-rj', job);
    const runs = await rig.until([2], 'COMPLETE', 200);
    expect(runs.get(2)?.attempt).toBe(2);
    expect(curve(rig, 2)).toBe(curve(rig, 1));
    expect(rig.read('logs/2/metadata/attempts/1.signals')).toMatch(/^USR2 /);
  });

  test('Grid Engine runs it in as many jobs as its time needs, and no more than was allowed', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('count.py', counter);
    const words = ['--scheduler', 'sge', '--time', '20'];
    await rig.mlx('run', 'count.py', '+ticks=35', ...words, '--continue-on-timeout');
    await rig.mlx('run', 'count.py', '+ticks=500', ...words, '--continue-on-timeout=1');
    const runs = await rig.until([1], 'COMPLETE', 200);
    expect(runs.get(1)?.attempt).toBe(3);
    expect(ticks(rig, 1)).toEqual(upTo(35));
    expect((await rig.until([2], 'TIMEOUT', 100)).get(2)?.attempt).toBe(2);
  });
});
