import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { waitUntil } from '../rig/rig.js';
import { clusterRig, ids, program } from './rig.js';

describe('OAR', () => {
  test("the guide's script makes eight jobs, each in its place", { timeout: 180_000 }, async (context) => {
    const rig = clusterRig('oar', context, 'my_project');
    rig.write('bin/python', '#!/bin/bash\nexec python3 "$@"\n');
    rig.write('main.py', 'import os, sys\nprint(os.getcwd(), *sys.argv[1:])\n');
    const commands = 'python main.py  optimizer.lr=10.,1. seed=1,2\npython main.py  model.num_units=100,200 seed=1,2\n';
    const header = '#OAR -l core=1, walltime=6:00:00\n#OAR -t besteffort\n#OAR -t idempotent\n';
    rig.write('script.sh', `#!/bin/bash\n\n${header}\n${commands}`);
    const path = `PATH=${rig.directory}/bin:/usr/local/bin:/usr/bin:/bin`;
    const { stdout, exitCode } = await rig.command(
      'env',
      path,
      process.execPath,
      inject('publicMlx'),
      'sub',
      'script.sh',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^(logs\/[1-8] → oar \d+\n){8}$/);
    const runs = await rig.until(ids(8), 'COMPLETE', 120);
    const points = [
      'optimizer.lr=10. seed=1',
      'optimizer.lr=10. seed=2',
      'optimizer.lr=1. seed=1',
      'optimizer.lr=1. seed=2',
      'model.num_units=100 seed=1',
      'model.num_units=100 seed=2',
      'model.num_units=200 seed=1',
      'model.num_units=200 seed=2',
    ];
    expect(ids(8).map((id) => rig.read(`logs/${id}/log.stdout`))).toEqual(
      points.map((point) => `${rig.directory} ${point}\n`),
    );
    expect(ids(8).map((id) => runs.get(id)?.attempt)).toEqual(ids(8).map(() => 1));
    const script = rig.read('logs/1/script.sh').replaceAll(rig.directory, '/root/workdir');
    expect(script.replace(/^(\[ "\$MLX_SUPERVISOR|export ).*\n+/gm, '')).toBe(`#!/bin/bash
#OAR -n logs/1
#OAR -E /root/workdir/logs/1/log.stderr
#OAR -O /root/workdir/logs/1/log.stdout
${header}
cd /root/workdir || exit
exec python main.py  optimizer.lr=10. seed=1
`);
  });

  test('a quote in the directory of the launch harms no node', { timeout: 180_000 }, async (context) => {
    const rig = clusterRig('oar', context);
    rig.write('main.sh', program);
    const words = ['run', './main.sh', 'do=well,fail', '--scheduler', 'oar', '--time', '1m', '--array'];
    for (const array of ['never', 'always']) {
      const called = ['env', `PWD=${rig.directory}`, process.execPath, inject('publicMlx'), ...words, array] as const;
      const { exitCode, stderr } = await rig.command(...called);
      expect(exitCode, stderr).toBe(0);
    }
    await rig.until([1, 3], 'COMPLETE', 90);
    await rig.until([2, 4], 'FAILED', 90);
    expect((await rig.command('oarnodes', '-s')).stdout).not.toMatch(/Suspected/);
  });

  test('a job over its time limit is TIMEOUT', { timeout: 180_000 }, async (context) => {
    const rig = clusterRig('oar', context, 'project');
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', 'oar', '--time', '5');
    const runs = await rig.until([1], 'TIMEOUT', 120);
    expect(runs.get(1)?.reason).toBe('over its time limit');
    expect((await rig.mlx('why', '1')).stdout).toMatch(/^event +WALLTIME: /m);
  });

  test('a besteffort job that is preempted runs again under a new id, as the next attempt of the same run', {
    timeout: 180_000,
  }, async (context) => {
    const rig = clusterRig('oar', context, 'project');
    rig.write('main.sh', program);
    const all = ['--option', '-l nodes=2', '--requeue', '--option', '-t besteffort'];
    await rig.mlx('run', 'main.sh', 'do=wait', '--scheduler', 'oar', ...all);
    const before = (await rig.until([1], 'RUNNING')).get(1)?.job_id;
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/waits')), 'the program');
    await rig.command(
      'oarsub',
      '-d',
      '/',
      '-O',
      '/dev/null',
      '-E',
      '/dev/null',
      '-l',
      'nodes=2,walltime=0:1:0',
      'sleep 3',
    );
    const waiting = await rig.until([1], 'QUEUED', 90);
    expect(waiting.get(1)?.attempt).toBe(1);
    await rig.until([1], 'RUNNING', 90);
    await waitUntil(
      () => existsSync(join(rig.directory, 'logs/1/metadata/attempts/2.yaml')),
      'the second attempt',
      60_000,
    );
    rig.write('go', '');
    const after = (await rig.until([1], 'COMPLETE')).get(1);
    expect(after).toMatchObject({ attempt: 2, status: 'COMPLETE' });
    expect(rig.read('logs/1/metadata/attempts/2.yaml')).toContain(`job: "${after?.job_id}"`);
    expect((await rig.mlx('show', '1')).stdout).toContain(`oar, job ${after?.job_id}`);
    expect(rig.read('logs/1/metadata/attempts/2.yaml')).not.toContain(`job: "${before}"`);
  });

  test('an unknown resource and too many nodes are refused in its own words', async (context) => {
    const rig = clusterRig('oar', context, 'project');
    rig.write('main.sh', program);
    const many = await rig.mlx('run', 'main.sh', '--scheduler', 'oar', '--option', '-l nodes=100');
    expect([many.exitCode, many.stderr]).toEqual([
      3,
      expect.stringContaining('OAR refused: There are not enough resources'),
    ]);
    const gpu = await rig.mlx('run', 'main.sh', '--scheduler', 'oar', '--gpus', '1');
    expect([gpu.exitCode, gpu.stderr]).toEqual([
      3,
      expect.stringContaining('mlx: OAR refused: this OAR has no resource property gpu\n'),
    ]);
    expect((await rig.list()).get(2)).toMatchObject({
      status: 'FAILED',
      reason: 'OAR refused it: this OAR has no resource property gpu',
    });
    const condition = await rig.mlx('run', 'main.sh', '--scheduler', 'oar', '--option', "-p host='it");
    expect(condition.stderr).toContain(
      'mlx: OAR refused: OAR can\'t read a condition or a text of the job: syntax error at or near "NO"\n',
    );
    const timed = ['run', 'main.sh', '--scheduler', 'oar', '--time', '1h', '--dry-run', '--option'];
    const both = await rig.mlx(...timed, '-l nodes=1,walltime=2:0:0');
    expect([both.exitCode, both.stderr]).toEqual([
      2,
      expect.stringContaining("'-l nodes=1,walltime=2:0:0' and --time ask for the same thing"),
    ]);
    const joined = await rig.mlx(...timed, '-l nodes=1');
    expect([joined.exitCode, joined.stdout]).toEqual([
      0,
      expect.stringContaining('#OAR -l nodes=1,walltime=01:00:00\n'),
    ]);
    const memory = await rig.mlx('run', 'main.sh', '--scheduler', 'oar', '--mem', '8G');
    expect([memory.exitCode, memory.stderr]).toEqual([2, expect.stringContaining("OAR can't express '--mem'")]);
  });

  test('a submission that is recorded while the server is down is found, and not repeated', {
    timeout: 180_000,
  }, async (context) => {
    const rig = clusterRig('oar', context, 'project');
    rig.write('main.sh', program);
    const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const started = () => execa('bash', [script('start-oar.sh')], { stdio: 'ignore' });
    await execa('bash', [script('stop-oar.sh'), '--server-only']);
    onTestFinished(async () => void (await started()), 60_000);
    const { stdout, stderr, exitCode } = await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', 'oar');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('waiting  OAR: Cannot connect to executor')]);
    expect(stdout).toMatch(/^logs\/1 → oar \d+\n$/);
    await started();
    expect((await rig.until([1], 'COMPLETE', 90)).get(1)?.attempt).toBe(1);
    expect(rig.read('logs/1/log.stdout')).toBe('do=well\n');
  });
});
