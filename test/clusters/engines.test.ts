import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gitEnvironment } from '../code/git-rig.js';
import { waitUntil } from '../rig/rig.js';
import { clusterRig, ids, program } from './rig.js';
import type { ClusterName } from './start.js';

interface Engine {
  readonly name: ClusterName;
  readonly title: string;
  readonly marker: string;
  /** The header of a batch script, in the style of its users. */
  readonly header: string;
}

const engines: readonly Engine[] = [
  {
    name: 'slurm',
    title: 'Slurm',
    marker: '#SBATCH',
    header:
      '#SBATCH --job-name="mine" -o out.txt\n#SBATCH -t 10 --cpus-per-task=1 # ten minutes\n#SBATCH --comment="a b"',
  },
  {
    name: 'sge',
    title: 'Grid Engine',
    marker: '#$',
    header: '#$ -S /bin/bash -N mine\n#$ -cwd -j y\n#$ -l h_rt=600 -p -5\n#$ -v "SAID=a b"',
  },
  {
    name: 'oar',
    title: 'OAR',
    marker: '#OAR',
    header: '#OAR -n mine\n#OAR -l core=1, walltime=0:10:00\n#OAR --project mine',
  },
];

describe.for(engines)('$title', ({ name, marker, title, header }) => {
  test('mlxsub makes jobs of the swept commands of a script, which end as their commands do', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    rig.write(
      'script.sh',
      `#!/bin/bash\n${header}\nexport SAY='some words'\nmkdir -p work && cd work\n` +
        `../main.sh a=1,2 "say=$SAY" do=well,fail\n../main.sh b="x y",z | cat\necho "after $?"\n`,
    );
    const { stdout, stderr, exitCode } = await rig.mlx('sub', 'script.sh');
    expect([stderr, exitCode]).toEqual([expect.stringContaining(`6 runs as 6 jobs of ${title}`), 0]);
    expect(stdout.match(/→/g)).toHaveLength(6);
    const runs = await rig.until(ids(6), 'COMPLETE FAILED');
    expect(ids(6).map((id) => [runs.get(id)?.status, rig.read(`logs/${id}/log.stdout`)])).toEqual([
      ['COMPLETE', 'a=1\nsay=some words\ndo=well\nafter 0\n'],
      ['FAILED', 'a=1\nsay=some words\ndo=fail\nafter 3\n'],
      ['COMPLETE', 'a=2\nsay=some words\ndo=well\nafter 0\n'],
      ['FAILED', 'a=2\nsay=some words\ndo=fail\nafter 3\n'],
      ['COMPLETE', 'b=x y\nafter 0\n'],
      ['COMPLETE', 'b=z\nafter 0\n'],
    ]);
    expect(
      rig
        .read('logs/1/script.sh')
        .split('\n')
        .filter((line) => line.startsWith(marker)).length,
    ).toBeGreaterThan(3);
    // The same script again as one array, and again by hand.
    const array = await rig.mlx('sub', 'script.sh', '--array', 'always');
    expect([array.stdout, array.exitCode]).toEqual([expect.stringMatching(/^logs\/7…12 \(6 runs\) → /), 0]);
    const tasks = await rig.until(ids(6, 7), 'COMPLETE FAILED');
    expect(ids(6, 7).map((id) => tasks.get(id)?.status)).toEqual(ids(6).map((id) => runs.get(id)?.status));
    expect(rig.read('logs/12/log.stdout')).toBe('b=z\nafter 0\n');
    expect((await rig.command('bash', 'logs/5/script.sh')).exitCode).toBe(0);
  });

  test('runs a launch of four jobs, and tells how each has ended', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const { stdout, stderr, exitCode } = await rig.mlx(
      'run',
      'main.sh',
      'a=1,2',
      'do=well,fail',
      '--scheduler',
      name,
      '--time',
      '10m',
      '--cpus',
      '1',
    );
    expect([stderr, exitCode]).toEqual([expect.stringContaining(`4 runs as 4 jobs of ${title}`), 0]);
    expect(stdout).toMatch(
      new RegExp(
        `^${ids(4)
          .map((id) => `logs/${id} → ${name} \\d+\n`)
          .join('')}$`,
      ),
    );
    const script = rig.read('logs/1/script.sh');
    expect(script.split('\n').filter((line) => line.startsWith(marker)).length).toBeGreaterThanOrEqual(3);
    const runs = await rig.until(ids(4), 'COMPLETE FAILED');
    expect(ids(4).map((id) => [runs.get(id)?.status, runs.get(id)?.exit_code, runs.get(id)?.reason])).toEqual([
      ['COMPLETE', 0, null],
      ['FAILED', 3, 'exit code 3'],
      ['COMPLETE', 0, null],
      ['FAILED', 3, 'exit code 3'],
    ]);
    expect([rig.read('logs/2/log.stdout'), rig.read('logs/2/log.stderr')]).toEqual(['a=1\ndo=fail\n', 'broken\n']);
    // MLXP's field, told by the job itself.
    expect(rig.read('logs/2/metadata/info.yaml')).toMatch(
      new RegExp(`^status: FAILED\n[^]*\nscheduler:\n  name: ${name}\n  scheduler_job_id: "${runs.get(2)?.job_id}"\n`),
    );
  });

  test('a versioned launch runs the snapshot that it took, whatever is edited later', async (context) => {
    const rig = clusterRig(name, context, undefined, gitEnvironment);
    rig.write('main.sh', `${program}cat code.txt; pwd; git rev-parse HEAD\n`);
    rig.write('.gitignore', 'logs/\n.workdir/\ngo\n');
    rig.write('code.txt', 'committed\n');
    for (const words of [
      ['init', '-q'],
      ['add', '-A'],
      ['commit', '-q', '-m', 'x'],
    ])
      await rig.command('git', ...words);
    rig.write('code.txt', 'of the snapshot\n');
    const words = ['run', 'main.sh', 'do=wait', '--scheduler', name, '--versioned', '--uncommitted', 'snapshot', '-q'];
    expect(await rig.mlx(...words)).toMatchObject({ exitCode: 0, stderr: '' });
    rig.write('code.txt', 'later\n');
    rig.write('go', '');
    await rig.until([1], 'COMPLETE');
    const commit = (await rig.command('git', 'for-each-ref', '--format=%(objectname)', 'refs/mlx')).stdout.trim();
    const copy = join(rig.directory, '.workdir', commit);
    expect(rig.read('logs/1/log.stdout')).toBe(`do=wait\nof the snapshot\n${copy}\n${commit}\n`);
    expect(rig.read('logs/1/metadata/info.yaml')).toContain(`work_dir: ${JSON.stringify(copy)}\n`);
  });

  test('jobs that wait are held, let go, and deleted with their runs', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    // More than there are cores, so that some wait.
    const words = ids(20).map((id) => `a=${id}`);
    const launch = [
      'run',
      'main.sh',
      `a=${words.map((word) => word.slice(2)).join(',')}`,
      'do=wait',
      '--scheduler',
      name,
    ];
    expect((await rig.mlx(...launch, '-q')).exitCode).toBe(0);
    await rig.until([1], 'RUNNING');
    const last = (await rig.until([20], 'QUEUED')).get(20);
    expect((await rig.mlx('hold', '19-20')).stdout).toBe('held: 2 runs (19-20)\n');
    await rig.until([19, 20], 'HELD');
    expect((await rig.mlx('hold', '1')).stderr).toMatch(/^left as they are, since they are not waiting: run 1\n/);
    // By the engine's own id, too.
    expect((await rig.mlx('release', '--engine-job', last?.job_id ?? '')).stdout).toBe('released: run 20\n');
    await rig.until([20], 'QUEUED RUNNING');
    expect((await rig.list()).get(19)?.status).toBe('HELD');
    const deleted = await rig.mlx('delete', '1', '5-19', '--yes');
    expect([deleted.exitCode, deleted.stdout, deleted.stderr]).toEqual([0, 'deleted 16 runs (1, 5-19)\n', '']);
    rig.write('go', '');
    const runs = await rig.until([2, 3, 4, 20], 'COMPLETE', 120);
    expect([...runs.keys()]).toEqual([2, 3, 4, 20]);
  });

  test('an array is one job, each of its runs has its own directory, and one of them can be stopped alone', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const launch = await rig.mlx('run', 'main.sh', 'a=x,y,z', 'do=wait', '--scheduler', name, '--array', 'always');
    expect([launch.stdout, launch.exitCode]).toEqual([
      expect.stringMatching(new RegExp(`^logs/1…3 \\(3 runs\\) → ${name} \\d+\n$`)),
      0,
    ]);
    await rig.until(ids(3), 'RUNNING');
    expect(new Set([...(await rig.list()).values()].map((run) => run.job_id)).size).toBe(3);
    expect((await rig.mlx('stop', '2')).stdout).toBe('told 1 run to end: 2\n');
    await rig.until([2], 'STOPPED');
    expect((await rig.list()).get(3)?.status).toBe('RUNNING');
    rig.write('go', '');
    const runs = await rig.until([1, 3], 'COMPLETE');
    expect(runs.get(2)?.reason).toBe('stopped by mlx stop');
    expect([rig.read('logs/1/log.stdout'), rig.read('logs/3/log.stdout')]).toEqual([
      'a=x\ndo=wait\n',
      'a=z\ndo=wait\n',
    ]);
  });

  test('packs runs into one job, one after the other, and a failing one does not keep the next from starting', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const launch = await rig.mlx('run', 'main.sh', 'do=fail,well,kill', 'a=1', '--scheduler', name, '--pack', '3');
    expect(launch.stdout).toMatch(new RegExp(`^logs/1…3 \\(3 runs\\) → ${name} \\d+\n$`));
    const runs = await rig.until(ids(3), 'COMPLETE FAILED');
    expect(ids(3).map((id) => [runs.get(id)?.status, runs.get(id)?.attempt])).toEqual([
      ['FAILED', 1],
      ['COMPLETE', 1],
      ['FAILED', 1],
    ]);
  });

  test('any words reach argv byte for byte', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.py', 'import json, sys\njson.dump(sys.argv[1:], open(sys.argv[1], "w"))\n');
    const words = [
      '$(id) `id` $HOME',
      'it\'s "q" \\',
      'a\n#SBATCH -p no\n#$ -q no\n#OAR -q no\n',
      'dos\r\nline',
      '',
      '--x',
      'é 日本 🚀',
      '*',
      '%j %a',
      '~',
    ];
    const out = join(rig.directory, 'argv.json');
    const { exitCode, stderr } = await rig.mlx('run', '--scheduler', name, '--', 'python3', 'main.py', out, ...words);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1 run submitted')]);
    await rig.until([1], 'COMPLETE');
    expect(JSON.parse(rig.read('argv.json')).slice(1)).toEqual(words);
  });

  test.for(['plain', 'with blanks %j', 'ünï', 'co,mma:colon', 'a"quote\\', '$JOB_ID%jobid%'])(
    'writes logs in a directory called %s',
    async (project, context) => {
      const rig = clusterRig(name, context, project);
      rig.write('main.sh', program);
      const { exitCode } = await rig.mlx('run', 'main.sh', 'do=fail', '--scheduler', name);
      expect(exitCode).toBe(0);
      await rig.until([1], 'FAILED');
      expect([rig.read('logs/1/log.stdout'), rig.read('logs/1/log.stderr')]).toEqual(['do=fail\n', 'broken\n']);
    },
  );

  test('a job that is stopped while it waits never starts', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const hold = { slurm: '--hold', sge: '-h', oar: '--hold' }[name];
    await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', name, '--option', hold);
    await rig.until([1], 'HELD');
    expect((await rig.mlx('stop', '1')).exitCode).toBe(0);
    expect((await rig.until([1], 'STOPPED')).get(1)?.attempt).toBe(0);
    const why = await rig.mlx('why', '1');
    expect(why.stdout).toMatch(/^run 1\nstatus +STOPPED: stopped by mlx stop\njob +\d+\n/);
  });

  test('--wait follows to the end, with the exit code of a launch here', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const { stdout, stderr, exitCode } = await rig.mlx('run', 'main.sh', 'do=well,fail', '--scheduler', name, '--wait');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/failed +2 {2}do=fail {2}\S+ {2}exit code 3\n {2}│ broken\n/);
    expect(stdout).toMatch(/1 {2}do=well +complete/);
  });

  test('a bad queue is refused, before a run is made where the engine can be asked', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    const bad = await rig.mlx(
      'run',
      'main.sh',
      'a=1,2,3',
      '--scheduler',
      name,
      '--option',
      { slurm: '-p nosuch', sge: '-q nosuch.q', oar: '-q nosuch' }[name],
    );
    if (name === 'sge') {
      expect(bad.exitCode).toBe(3);
      expect(bad.stderr).toMatch(/Grid Engine could never run these jobs: .*nosuch\.q.*; nothing was submitted\n/);
      expect(readdirSync(rig.directory)).not.toContain('logs');
      return;
    }
    expect(bad.exitCode).toBe(3);
    expect(bad.stderr).toMatch(
      new RegExp(
        `mlx: ${title} refused: .*\n  0 of 3 runs were submitted, 3 were not; mlx resume @\\w+ asks for the same again; for something else, launch again\n$`,
      ),
    );
    expect((await rig.list()).get(1)).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('refused it'),
    });
    expect(readdirSync(join(rig.directory, 'logs'))).toEqual(['.mlx', '1']);
    const more = await rig.mlx(
      'run',
      'main.sh',
      'a=1,2,3',
      '--scheduler',
      name,
      '--on-submit-error',
      'continue',
      '--option',
      { slurm: '-p nosuch', sge: '-q nosuch.q', oar: '-q nosuch' }[name],
    );
    expect([more.exitCode, more.stderr]).toEqual([
      3,
      expect.stringMatching(/refused {2}2 .*\nrefused {2}3 .*\nrefused {2}4 /),
    ]);
  });

  test('a script submitted by hand, or run by hand, is the next attempt of its run', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=fail', '--scheduler', name);
    await rig.until([1], 'FAILED');
    const { exitCode } = await rig.command('bash', 'logs/1/script.sh');
    expect([exitCode, (await rig.list()).get(1)]).toMatchObject([3, { status: 'FAILED', attempt: 2 }]);
    const script = join(rig.directory, 'logs/1/script.sh');
    const submit: Record<ClusterName, [string, ...string[]]> = {
      slurm: ['sbatch', script],
      sge: ['qsub', '-S', '/bin/bash', script],
      oar: ['oarsub', '-d', '/', '-O', '/dev/null', '-E', '/dev/null', `'${script.replaceAll("'", "'\\''")}'`],
    };
    expect((await rig.command(...submit[name])).exitCode).toBe(0);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/metadata/attempts/3.end.yaml')), 'the third attempt');
  });
});
