import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, pathOf, type Rig, waitUntil } from '../rig/rig.js';

/** Engines with the command that submits, what it says to an array of three, and the variables of a task. */
const engines: Readonly<
  Record<string, readonly [command: string, says: string, variables: Readonly<Record<string, string>>]>
> = {
  slurm: ['sbatch', '7', { SLURM_ARRAY_JOB_ID: '7', SLURM_JOB_ID: '8', SLURM_ARRAY_TASK_ID: '2' }],
  sge: ['qsub', '7.1-3:1', { JOB_ID: '7', SGE_TASK_ID: '2' }],
  pbs: ['qsub', '7[].pbs', { PBS_JOBID: '7[2].pbs', PBS_ARRAY_INDEX: '2' }],
  torque: ['qsub', '7[].pbs', { PBS_JOBID: '7[2].pbs', PBS_ARRAYID: '2' }],
  oar: [
    'oarsub',
    'OAR_JOB_ID=7\nOAR_JOB_ID=8\nOAR_JOB_ID=9\nOAR_ARRAY_ID=7',
    { OAR_JOB_ID: '8', OAR_ARRAY_INDEX: '2' },
  ],
  lsf: ['bsub', 'Job <7> is submitted to queue <normal>.', { LSB_JOBID: '7', LSB_JOBINDEX: '2' }],
  mwm: ['msub', '\n7', { MOAB_JOBID: '7[2]', MOAB_JOBARRAYINDEX: '2' }],
};

/** A project on a machine whose engine takes jobs and never starts them. */
function projectOf(engine: string): Rig {
  const [command = '', says = ''] = engines[engine] ?? [];
  const rig = makeRig();
  const bin = join(dirname(rig.directory), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, command), `#!/bin/bash\nprintf '%s\\n' '${says}'\n`);
  chmodSync(join(bin, command), 0o755);
  symlinkSync(process.execPath, join(bin, 'node'));
  const path = `${bin}:${pathOf('bash', 'env', 'cat', 'python3')}`;
  rig.write('main.sh', '#!/bin/bash\necho "ran $1 $SGE_TASK_ID"\n[ "$1" != a=2 ] || exit 3\n');
  return { ...rig, mlx: async (...args) => (await rig.start(args, { PATH: path })) as never };
}

/** The script of the launch's array. */
function arrayScript(rig: Rig): string {
  const launches = join(rig.directory, 'logs/.mlx/launches');
  const [launch = ''] = readdirSync(launches);
  return join(launches, launch, 'arrays/0.sh');
}

/** Starts a script as another script would, which says afterwards that it is still there. */
function byHand(rig: Rig, script: string, variables: Readonly<Record<string, string>> = {}, words = '') {
  const { stdout, stderr, status } = spawnSync(
    'setsid',
    ['-w', 'bash', '-c', `bash "$0" ${words}; echo "after $?"`, script],
    {
      cwd: rig.directory,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...variables },
    },
  );
  return { stdout, stderr, status };
}

const attemptsOf = (rig: Rig) =>
  [1, 2, 3].map((id) =>
    rig
      .tree(`logs/${id}/metadata/attempts`)
      .filter((name) => /^\d+\.yaml$/.test(name))
      .map((name) => /^by_hand: (\w+)$/m.exec(rig.read(`logs/${id}/metadata/attempts/${name}`))?.[1]),
  );

describe.for(Object.keys(engines))('an array of %s by hand', (engine) => {
  const [, , variables = {}] = engines[engine] ?? [];

  test('runs all its elements one after another, and harms nobody', async () => {
    const rig = projectOf(engine);
    const launched = await rig.mlx('run', 'main.sh', 'a=1,2,3', '--scheduler', engine, '--array', 'always');
    expect(launched.exitCode, launched.stderr).toBe(0);
    const { stdout, stderr } = byHand(rig, arrayScript(rig));
    expect(stdout).toBe('after 3\n');
    expect(stderr).toMatch(/by hand: all 3 tasks, one after another \(one of them: set \w+ to 1, 2 or 3\)\n$/);
    expect([1, 2, 3].map((id) => rig.read(`logs/${id}/log.stdout`))).toEqual(
      [1, 2, 3].map((id) => expect.stringContaining(`ran a=${id}`)),
    );
    expect(attemptsOf(rig)).toEqual([['true'], ['true'], ['true']]);
  });

  test('runs one element where its index is set', async () => {
    const rig = projectOf(engine);
    await rig.mlx('run', 'main.sh', 'a=1,2,3', '--scheduler', engine, '--array', 'always');
    const [name = ''] = Object.keys(variables).slice(-1);
    expect(byHand(rig, arrayScript(rig), { [name]: '3' }).stdout).toBe('after 0\n');
    expect(attemptsOf(rig)).toEqual([[], [], ['true']]);
    expect(byHand(rig, arrayScript(rig), { [name]: '4' })).toMatchObject({
      stdout: 'after 66\n',
      stderr: expect.stringMatching(new RegExp(`has no runs for ${name}=4: it may be 1, 2 or 3\n$`)),
    });
  });

  test('is the engine’s where its variables are there', async () => {
    const rig = projectOf(engine);
    await rig.mlx('run', 'main.sh', 'a=1,2,3', '--scheduler', engine, '--array', 'always');
    const [, token = ''] = /^token: (\w+)$/m.exec(rig.read('logs/2/metadata/job.yaml')) ?? [];
    expect(byHand(rig, arrayScript(rig), variables, `--submission=${token}`).status).not.toBe(66);
    expect(attemptsOf(rig)).toEqual([[], ['false'], []]);
  });
});

describe('an array of mlx job by hand', () => {
  const templates = `walltime: "1:0:0"
script_prologue: ""
qsub: "qsub"
cpu-array:
  n_tasks_per_proc: 1
  n_procs: 1
  qsub_args: "-t 1-{args.n_tasks}:2"
  job: "{command}"
`;

  test('gives each element its tasks', async () => {
    const rig = projectOf('sge');
    rig.write('sge.yaml', templates);
    const words = [
      '--n_tasks=5',
      '--n_tasks_per_proc=2',
      '--n_procs=1',
      'logs/x.log',
      '--',
      'bash',
      '-c',
      'echo t $TASK_INDEX $TASK_STEPSIZE',
    ];
    const child = rig.start(['job', 'sge', '--config', 'sge.yaml', 'cpu', ...words], {
      PATH: `${join(dirname(rig.directory), 'bin')}:${process.env['PATH']}`,
    });
    const script = join(rig.directory, 'logs/x.sh');
    await waitUntil(
      () => rig.tree('.').includes('logs/3/script.sh') && rig.tree('.').includes('logs/x.sh'),
      'the script',
    );
    await waitUntil(() => rig.read('logs/3/metadata/info.yaml') !== '', 'its runs');
    child.kill('SIGKILL');
    for (const undefinedIndex of [{}, { SGE_TASK_ID: 'undefined' }]) {
      expect(byHand(rig, script, undefinedIndex).stdout).toBe('after 0\n');
      expect([1, 3, 5].map((index) => rig.read(`logs/x.${index}.1.log`).trim().split('\n').at(-1))).toEqual([
        't 1 2',
        't 3 2',
        't 5 1',
      ]);
    }
    expect(rig.tree('logs').filter((name) => name.startsWith('x..'))).toEqual([]);
    expect(byHand(rig, script, { SGE_TASK_ID: '2' }).stdout).toBe('after 66\n');
    expect(attemptsOf(rig)).toEqual([
      ['true', 'true'],
      ['true', 'true'],
      ['true', 'true'],
    ]);
  });
});

test('a run by hand inside another job leaves the processes of that job alone', async () => {
  const rig = projectOf('sge');
  await rig.mlx('run', 'main.sh', 'a=1', '--scheduler', 'sge');
  const { stdout } = byHand(rig, join(rig.directory, 'logs/1/script.sh'), { JOB_ID: '99' });
  expect(stdout).toContain('after 0\n');
});
