import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { waitUntil } from '../rig/rig.js';
import { type ClusterRig, clusterRig, ids, program } from './rig.js';

/** Starts mlx without waiting for it; `told` returns what it has printed on stderr so far. */
function start(rig: ClusterRig, ...args: string[]) {
  const { slurm } = inject('clusters');
  const launch = execa(process.execPath, [inject('publicMlx'), ...args], {
    cwd: rig.directory,
    env: { CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined, ...('env' in slurm ? slurm.env : {}) },
    reject: false,
    stdin: 'ignore',
  });
  let text = '';
  launch.stderr.on('data', (chunk) => {
    text += chunk;
  });
  return { launch, told: () => text };
}

describe('Slurm with limits', () => {
  async function withQos(rig: ClusterRig, name: string, ...limits: string[]): Promise<void> {
    await rig.command('sacctmgr', '-i', 'add', 'qos', name, ...limits);
    await rig.command('sacctmgr', '-i', 'modify', 'user', 'root', 'set', `qos+=${name}`);
    onTestFinished(async () => {
      await rig.command('scancel', `--qos=${name}`);
      await rig.command('sacctmgr', '-i', 'delete', 'qos', name);
    });
  }

  test('takes as many tasks of an array as MaxSubmitJobs allows; the wait ends at once', async (context) => {
    const rig = clusterRig('slurm', context);
    await withQos(rig, 'few', 'MaxSubmitJobsPerUser=3');
    rig.write('main.sh', program);
    const words = ['do=wait', 'i=range(1,41)', '--scheduler', 'slurm', '--option', '--qos=few'];
    const { launch, told } = start(rig, 'run', 'main.sh', ...words);
    await waitUntil(() => told().includes('looking again in 4s'), 'the wait', 60_000);
    const before = Date.now();
    launch.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await launch;
    expect(Date.now() - before).toBeLessThan(3000);
    expect([exitCode, stdout]).toEqual([130, expect.stringMatching(/^logs\/1…3 \(3 runs\) → slurm \d+$/)]);
    expect(stderr).toMatch(
      /\ninterrupted: 3 runs submitted as 1 job; .*\n37 runs not submitted: mlx resume @\w+ submits the rest$/,
    );
    expect(readdirSync(join(rig.directory, 'logs')).filter((name) => /^\d+$/.test(name))).toHaveLength(40);
    const runs = await rig.until(ids(3), 'RUNNING');
    expect(ids(37, 4).map((id) => runs.get(id)?.status)).toEqual(ids(37, 4).map(() => 'STOPPED'));
    expect(runs.get(40)?.reason).toContain('Slurm said last: QOSMaxSubmitJobPerUserLimit; ');
    await rig.command('sacctmgr', '-i', 'modify', 'qos', 'few', 'set', 'MaxSubmitJobsPerUser=100');
    const resumed = await rig.mlx('resume');
    expect([resumed.exitCode, resumed.stdout]).toEqual([
      0,
      expect.stringMatching(/^logs\/4…40 \(37 runs\) → slurm \d+\n$/),
    ]);
    rig.write('go', '');
    const ended = await rig.until(ids(40), 'COMPLETE', 120);
    expect([...ended.values()].map(({ attempt }) => attempt)).toEqual(ids(40).map(() => 1));
  });

  test('refuses a time over MaxWall, and nodes that are not there, before a run is made', async (context) => {
    const rig = clusterRig('slurm', context);
    await withQos(rig, 'deny', 'MaxWall=1', 'MaxTRES=cpu=2', 'Flags=DenyOnLimit');
    rig.write('main.sh', program);
    const run = (...words: string[]) => rig.mlx('run', 'main.sh', 'i=1,2', '--scheduler', 'slurm', ...words);
    const refused = (words: string) => ({
      exitCode: 3,
      stdout: '',
      stderr: `mlx: Slurm could never run these jobs: ${words}; nothing was submitted
  ask for what there is, or for another queue with --partition
`,
    });
    const wall = "QOSMaxWallDurationPerJobLimit: a time of 02:00:00 is over the 00:01:00 of QOS 'deny'";
    expect(await run('--option', '--qos=deny', '--time', '2h')).toEqual(refused(wall));
    expect(await run('--option', '--qos=deny', '--option', '--time=120')).toEqual(refused(wall));
    expect(await run('--option', '--qos=deny')).toEqual(
      refused(wall.replace('02:00:00', "01:00:00, the default of 'main',")),
    );
    expect(await run('--option', '-q deny', '--time', '1m', '--cpus', '4')).toEqual(
      refused("QOSMaxCpuPerJobLimit: 4 CPUs are over the 2 of QOS 'deny'"),
    );
    expect(await run('--option', '--mem=1T')).toEqual(refused('Requested node configuration is not available'));
    expect(await run('--constraint', 'nosuch')).toEqual(refused('Invalid feature specification'));
    expect(readdirSync(rig.directory)).toEqual(['main.sh']);
    const dry = await run('--option', '--qos=deny', '--time', '2h', '--dry-run');
    expect(dry.exitCode).toBe(0);
    // A node that is away for a while may be the one that has it.
    await rig.command('scontrol', 'update', 'NodeName=n1', 'State=DRAIN', 'Reason=test');
    onTestFinished(async () => void (await rig.command('scontrol', 'update', 'NodeName=n1', 'State=RESUME')));
    const later = await run('--option', '--mem=1T');
    expect([later.exitCode, later.stderr]).toEqual([3, expect.stringContaining('mlx: Slurm refused: ')]);
  });

  test('is told with the first of its words, which stay with the run', async (context) => {
    const rig = clusterRig('slurm', context);
    rig.write('main.sh', program);
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', '--scheduler', 'slurm', '--option', '--nonsense=3');
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringContaining("Slurm refused: unrecognized option '--nonsense=3'\n"),
    ]);
    expect((await rig.list()).get(1)).toMatchObject({
      status: 'FAILED',
      reason: "Slurm refused it: unrecognized option '--nonsense=3'",
    });
    expect((await rig.mlx('why', '1')).stdout).toMatch(/\nnext\n {2}mlx resume @\w+\n$/);
  });
});

describe('Grid Engine with limits', () => {
  test('jobs over max_u_jobs are fed in as there is room', async (context) => {
    const rig = clusterRig('sge', context);
    rig.write('main.sh', program);
    const { stdout: before } = await rig.command('qconf', '-sconf', 'global');
    const change = async (text: string) => {
      await rig.command('qconf', '-Mconf', rig.write('global', text));
    };
    onTestFinished(() => change(before));
    await change(before.replace(/^max_u_jobs .*$/m, 'max_u_jobs 2'));
    const launch = rig.mlx('run', 'main.sh', 'do=wait', 'a=1,2,3', '--scheduler', 'sge');
    await waitUntil(() => existsSync(join(rig.directory, 'logs/3')), 'the run that finds no room', 60_000);
    await rig.until([1, 2], 'RUNNING');
    rig.write('go', '');
    const { exitCode, stderr } = await launch;
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining(
        'waiting  Grid Engine: job rejected: only 2 jobs are allowed per user (current job count: 2); looking again',
      ),
    ]);
    await rig.until(ids(3), 'COMPLETE');
  });
});
