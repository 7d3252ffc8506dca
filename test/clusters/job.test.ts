import { describe, expect, inject, test } from 'vitest';
import { clusterRig, ids } from './rig.js';
import type { ClusterName } from './start.js';

/** Prints the tasks that are its worker's, and fails on the seventh while there is no file `mended`. */
const worker = `#!/usr/bin/env python3
import os, sys
from mlxrun import slice_tasks
todo = slice_tasks(range(1, 11))
print(sys.argv[1:], todo)
if 7 in todo and not os.path.exists("mended"):
    sys.exit("task 7 is bad")
`;

/** The templates that mlx brings, with queues and shapes for the small cluster of the tests. */
const adapted: Readonly<Record<ClusterName, string>> = {
  slurm: `_base_: \${resolve_pkg_path:aiaccel.job.apps.config}/slurm.yaml
cpu-array:
  sbatch_args: "--partition main --array=1-{args.n_tasks}:$(( {args.n_tasks_per_proc} * {args.n_procs} ))"
`,
  // The guide's excerpt, in so far as this Grid Engine has what it asks for.
  sge: `qsub: "qsub -l h_rt={args.walltime}"
walltime: "0:5:0"
use_scandir: true
cpu:
  qsub_args: "-q $( ((1==1)) && printf main || printf short ).q"
  job: "{command}"
cpu-array:
  n_tasks_per_proc: 128
  n_procs: 1
  qsub_args: "-q main.q -t 1-{args.n_tasks}:$(( {args.n_tasks_per_proc} * {args.n_procs} ))"
  job: "{command}"
`,
  oar: `_base_: \${resolve_pkg_path:aiaccel.job.apps.config}/oar.yaml
cpu:
  oarsub_args: "-l /core=1,walltime={args.walltime}"
cpu-array:
  oarsub_args: "-l /core=1,walltime={args.walltime} --array $(( ({args.n_tasks} - 1) / ({args.n_tasks_per_proc} * {args.n_procs}) + 1 ))"
`,
};

// What the engine's index of an array's elements is: the first task's number, or, with OAR, its own.
const indexes: Readonly<Record<ClusterName, readonly number[]>> = { slurm: [1, 5, 9], sge: [1, 5, 9], oar: [1, 2, 3] };

describe.for<ClusterName>(['slurm', 'sge', 'oar'])('mlx job %s', (name) => {
  test('runs a job and an array by templates, waits for them, and says what failed', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('job.yaml', adapted[name]);
    rig.write('worker', worker);
    rig.write('out/none', '');
    const job = (...words: string[]) => rig.mlx('job', name, '--config', 'job.yaml', ...words);
    const words = ['a b', "it's", '$HOME', '*', ''];
    const one = await job('cpu', 'out/one.log', '--', './worker', ...words);
    expect([one.exitCode, one.stderr]).toEqual([1, expect.stringContaining('failed   1')]);
    expect(rig.read('out/one.log')).toContain(
      `['a b', "it's", '$HOME', '*', ''] [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\ntask 7 is bad\n`,
    );
    expect(rig.read('out/one.out')).toBe('1\n');
    expect(rig.read('out/one.sh')).toBe(rig.read('logs/1/script.sh'));

    const counts = ['--n_tasks=10', '--n_tasks_per_proc=2', '--n_procs=2'];
    const array = await job('cpu', ...counts, 'out/all.log', '--', './worker');
    expect(array.exitCode).toBe(1);
    const bad = indexes[name][1] ?? 0;
    expect(array.stderr).toContain(`1 of 3 elements of the array not complete: ${bad} (run 3, exit code 1)\n`);
    const said = indexes[name].flatMap((index) =>
      [1, 2].map((process) =>
        index === indexes[name][2] && process === 2 ? '' : rig.read(`out/all.${index}.${process}.log`),
      ),
    );
    expect(said).toEqual([
      '[] [1, 2]\n',
      '[] [3, 4]\n',
      '[] [5, 6]\n',
      '[] [7, 8]\ntask 7 is bad\n',
      '[] [9, 10]\n',
      '',
    ]);
    expect(indexes[name].map((index) => rig.read(`out/all.${index}.out`))).toEqual(['0\n', '1\n', '0\n']);
    const report = await rig.mlx('report', '--errors-only', '@last');
    expect(report.stdout).toContain('task 7 is bad');

    rig.write('mended', '');
    const again = await rig.mlx('resubmit', '3');
    expect(again.exitCode, again.stderr).toBe(0);
    const ended = await rig.until(ids(3, 2), 'COMPLETE', 120);
    expect([2, 3, 4].map((id) => ended.get(id)?.attempt)).toEqual([1, 2, 1]);
    // Behind what the first attempt has said.
    expect(rig.read(`out/all.${bad}.2.log`)).toBe('[] [7, 8]\ntask 7 is bad\n[] [7, 8]\n');
    expect(rig.read(`out/all.${bad}.out`)).toBe('0\n');
  });
});

test('Ctrl-C cancels the job, and srun starts the processes of mpi and train', async (context) => {
  const rig = clusterRig('slurm', context);
  const mpi = await rig.mlx(
    'job',
    'slurm',
    'mpi',
    '--n_procs=3',
    'm.log',
    '--',
    'bash',
    '-c',
    'echo "rank $SLURM_PROCID"',
  );
  expect(mpi.exitCode, mpi.stderr).toBe(0);
  expect(
    rig
      .read('m.log')
      .match(/rank \d/g)
      ?.sort(),
  ).toEqual(['rank 0', 'rank 1', 'rank 2']);
  rig.write(
    'job.yaml',
    '_base_: ${resolve_pkg_path:aiaccel.job.apps.config}/slurm.yaml\ntrain:\n  sbatch_args: "--ntasks={args.n_gpus}"\n',
  );
  const tell = ['bash', '-c', 'echo "$MAIN_ADDR:$MAIN_PORT of $SLURM_NTASKS"'];
  const train = await rig.mlx('job', 'slurm', '--config', 'job.yaml', 'train', '--n_gpus=2', 't.log', '--', ...tell);
  expect(train.exitCode, train.stderr).toBe(0);
  const [first, second] = rig.read('t.log').match(/^\S+:\d+ of 2$/gm) ?? [];
  expect(first).toMatch(/^[\d.:a-f]+:\d{5} of 2$/);
  expect(second).toBe(first);

  const stopped = await rig.command(
    ...([
      'timeout',
      '-s',
      'INT',
      '5',
      process.execPath,
      inject('publicMlx'),
      'job',
      'slurm',
      'cpu',
      's.log',
      '--',
      'sleep',
      '99',
    ] as const),
  );
  expect(stopped.stderr).toContain('stopping: interrupted by SIGINT\n');
  expect((await rig.list()).get(3)).toMatchObject({ status: 'STOPPED', reason: 'stopped by Ctrl-C' });
  expect((await rig.command('squeue', '--noheader')).stdout).toBe('');
});
