import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { clusterRig, ids, program } from './rig.js';

describe('Grid Engine', () => {
  test('a job over its time limit is TIMEOUT', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', 'sge', '--time', '3');
    const runs = await rig.until([1], 'TIMEOUT');
    expect(runs.get(1)?.reason).toBe('over its time limit');
    const why = (await rig.mlx('why', '1')).stdout;
    expect(why).toMatch(/^ended as +failed 37 /m);
    expect(why).toMatch(/^peak memory +\S+/m);
  });

  test('nothing goes on of a job that is deleted or over its limit, and a suspended one stands still', async (context) => {
    const rig = clusterRig('sge', context);
    // A child in the background is of the program, too.
    rig.write('main.sh', '#!/bin/bash\nsleep "98.$1" & sleep "99.$1"\n');
    const mark = `${process.pid}`;
    const left = async () =>
      (await rig.command('pgrep', '-f', `^sleep 9[89][.]${mark}`)).stdout.split('\n').slice(0, -1);
    const gone = async () => {
      for (const end = Date.now() + 30_000; (await left()).length > 0 && Date.now() < end; ) await sleep(200);
      return (await left()).length === 0;
    };
    const submitted = ['--scheduler', 'sge', '--', './main.sh', mark];
    await rig.mlx('run', ...submitted);
    await rig.until([1], 'RUNNING');
    while ((await left()).length < 2) await sleep(100);
    const jobId = (await rig.list()).get(1)?.job_id ?? '';
    await rig.command('qmod', '-sj', jobId);
    const states = async () => (await rig.command('ps', '-o', 'stat=', '-p', (await left()).join())).stdout;
    for (const end = Date.now() + 20_000; !/^T.*\nT/.test(await states()) && Date.now() < end; ) await sleep(200);
    expect(await states()).toMatch(/^T.*\nT/);
    await rig.command('qmod', '-usj', jobId);
    await rig.mlx('stop', '1');
    expect(await gone()).toBe(true);
    await rig.mlx('run', '--time', '3', ...submitted);
    await rig.until([2], 'TIMEOUT');
    expect(await gone()).toBe(true);
  });

  test('exit codes that would put a job back into the queue, or into an error state, do neither', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', '#!/bin/bash\nexit ${1#code=}\n');
    await rig.mlx('run', 'main.sh', 'code=99,100', '--scheduler', 'sge');
    const runs = await rig.until(ids(2), 'FAILED');
    expect(ids(2).map((id) => [runs.get(id)?.exit_code, runs.get(id)?.attempt])).toEqual([
      [99, 1],
      [100, 1],
    ]);
  });

  test('a job that cannot be started is HELD and stuck, with the reason', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    rig.write('configs/mlx.yaml', 'scheduler: { shell_path: /no/such/shell }\n');
    await rig.mlx('run', 'main.sh', '--scheduler', 'sge');
    const runs = await rig.until([1], 'HELD');
    expect(runs.get(1)?.reason).toContain('stays in error');
    expect((await rig.mlx('why', '1')).stdout).toMatch(/^error reason +.*unable to find shell "\/no\/such\/shell"$/m);
    await rig.mlx('stop', '1');
    await rig.until([1], 'STOPPED');
  });

  test('an impossible request is refused, not kept for ever', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', '--scheduler', 'sge', '--cpus', '99');
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^mlx: Grid Engine could never run these jobs: .*cannot run in PE "smp" because .*no suitable queues; nothing was submitted\n/,
      ),
    ]);
    expect(readdirSync(rig.directory)).toEqual(['main.sh']);
    const own = await rig.mlx('run', 'main.sh', '--scheduler', 'sge', '--cpus', '99', '--option', '-w e');
    expect([own.exitCode, own.stderr]).toEqual([3, expect.stringContaining('Grid Engine refused: error: no suitable')]);
    expect((await rig.list()).get(1)).toMatchObject({
      status: 'FAILED',
      reason: 'Grid Engine refused it: error: no suitable queues',
    });
  });

  test('a request file where mlx is called changes nothing', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    rig.write('.sge_request', '-N other -h\n');
    await rig.mlx('run', 'main.sh', '--scheduler', 'sge');
    await rig.until([1], 'COMPLETE');
  });

  test('a job that the engine puts back runs again as the next attempt', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=wait', '--scheduler', 'sge', '--requeue');
    const { job_id } = (await rig.until([1], 'RUNNING')).get(1) ?? {};
    await rig.command('qmod', '-rj', job_id ?? '');
    rig.write('go', '');
    expect((await rig.until([1], 'COMPLETE')).get(1)).toMatchObject({ status: 'COMPLETE' });
  });

  test('while the master is down a submission waits for it, and what is known is shown', {
    timeout: 180_000,
  }, async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=wait', '--scheduler', 'sge');
    await rig.until([1], 'RUNNING');
    const master = await stopMaster();
    try {
      const list = await rig.mlx('list');
      expect(list.stderr).toMatch(/^warning: sge does not answer \(.*\); its runs are shown by what it said at/);
      expect(list.stdout).toMatch(/ 1 {2}running/);
      const submission = rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'sge');
      await sleep(3000);
      await master.start();
      const { exitCode, stderr } = await submission;
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/waiting {2}Grid Engine: .*; looking again in 2s/)]);
    } finally {
      await master.start();
    }
    rig.write('go', '');
    await rig.until(ids(2), 'COMPLETE');
  });
});

/** Ends the qmaster as a crash does. */
async function stopMaster(): Promise<{ start(): Promise<void> }> {
  await execa('bash', ['-c', 'kill -9 $(cat /var/spool/gridengine/qmaster/qmaster.pid)']);
  const script = fileURLToPath(new URL('start-sge.sh', import.meta.url));
  return { start: async () => void (await execa('bash', [script], { stdio: 'ignore' })) };
}
