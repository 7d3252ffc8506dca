import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeAfterTest } from '../rig/rig.js';
import { type ClusterRig, clusterRig, ids, program } from './rig.js';
import type { ClusterName } from './start.js';

/** Prints its arguments and task, and fails while there is no file `mended`. */
const script = `import os, sys
names = 'TASK_INDEX MLX_TASK_ID SGE_TASK_ID SLURM_ARRAY_TASK_ID PBS_ARRAY_INDEX'.split()
print(sys.argv[1:], *([os.environ[name] for name in names] if 'TASK_INDEX' in os.environ else []))
if 'fails' in sys.argv and not os.path.exists('mended'):
    raise ValueError('not mended')
`;

function configured(name: ClusterName, rig: ClusterRig): void {
  rig.write('configs/mlx.yaml', `scheduler: { name: ${name} }\n`);
  rig.write('myscript.py', script);
  rig.write('main.sh', program);
}

// OAR takes its time for each job; what it does with dependencies the diamond tells.
describe.for<ClusterName>(['slurm', 'sge'])('%s', (name) => {
  test("the walk through jman's manual", async (context) => {
    const rig = clusterRig(name, context);
    configured(name, rig);
    const command = String.raw`python[\d.]* myscript\.py`;
    const said = (verb: string, runs: string, rest: string) =>
      new RegExp(String.raw`^${verb} logs/${runs} as ${name} (\d+)( @[\w.]+)? \(0 seconds ago\) ${command}${rest}\n`);

    const first = await rig.mlx('submit', 'myscript.py', '--help');
    expect([first.stderr, first.exitCode, first.stdout]).toEqual([
      '',
      0,
      expect.stringMatching(said('Submitted', '1', ' --help')),
    ]);
    const jobId = said('Submitted', '1', ' --help').exec(first.stdout)?.[1] ?? '';
    const tasks = await rig.mlx('submit', '-t', '10', 'myscript.py', '--help');
    expect([tasks.stdout, tasks.exitCode]).toEqual([expect.stringMatching(said('Submitted', '2-11', ' --help')), 0]);
    const listed = await rig.mlx('list', '--long');
    expect(listed.stdout).toMatch(new RegExp(String.raw`^ *1 +${jobId} .*myscript\.py --help$`, 'm'));
    const after = await rig.mlx('submit', '--dependencies', jobId, 'myscript.py', '--go', 'a b');
    expect(after.stdout).toMatch(said('Submitted', '12', " --go 'a b'"));
    await rig.until(ids(12), 'COMPLETE', 120);
    expect(rig.read('logs/1/log.stdout')).toBe("['--help']\n");
    expect(ids(10, 2).map((id) => rig.read(`logs/${id}/log.stdout`))).toEqual(
      ids(10).map((task) => `['--help'] ${task} ${task} ${task} ${task} ${task}\n`),
    );
    expect(rig.read('logs/12/log.stdout')).toContain("['--go', 'a b']");

    await rig.mlx('submit', 'myscript.py', 'fails');
    await rig.mlx('submit', '--after', '13', 'myscript.py', 'follows');
    const failed = await rig.until([13, 14], 'FAILED', 120);
    expect(failed.get(14)?.reason).toBe('dependency 13 failed');
    const report = await rig.mlx('report', '--errors-only');
    expect(report.stdout).toContain('ValueError: not mended');
    expect(report.stdout).not.toContain('logs/1/');
    rig.write('mended', '');
    const again = await rig.mlx('resubmit', '--clean', '--all');
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          String.raw`^Re-submitted logs/13 as ${name} .* fails\n  removed logs/13/log\.stdout\n  removed logs/13/log\.stderr\nRe-submitted logs/14 as ${name} `,
        ),
      ),
    ]);
    const mended = await rig.until([13, 14], 'COMPLETE', 120);
    expect([mended.get(13)?.attempt, mended.get(13)?.job_id]).not.toEqual([1, failed.get(13)?.job_id]);
    expect(rig.read('logs/13/log.stdout')).toBe("['fails']\n");

    await rig.mlx('submit', 'main.sh', 'do=wait');
    await rig.until([15], 'RUNNING');
    const running = await rig.mlx('resubmit', '15');
    expect([running.exitCode, running.stderr]).toEqual([2, expect.stringContaining('run 15 is still running')]);
    expect((await rig.mlx('stop', '--all')).exitCode).toBe(0);
    await rig.until([15], 'STOPPED');
    expect((await rig.mlx('delete', '--all', '--yes')).exitCode).toBe(0);
    expect(ids(15).some((id) => existsSync(join(rig.directory, `logs/${id}`)))).toBe(false);
  });
});

describe.for<ClusterName>(['slurm', 'sge', 'oar'])('%s', (name) => {
  test('a diamond of dependencies with a failure in one arm', async (context) => {
    const rig = clusterRig(name, context);
    configured(name, rig);
    const submit = async (...words: string[]) => {
      const { exitCode, stderr } = await rig.mlx('submit', ...words);
      expect([exitCode, stderr]).toEqual([0, '']);
    };
    await submit('--name', 'top', 'main.sh', 'do=wait');
    await submit('--after', 'top', '-t', '2', 'main.sh', 'do=well');
    await submit('--after', '1', 'main.sh', 'do=fail');
    await submit('--after', '2-4', 'main.sh', 'bottom');
    await submit('--after-any', '2,3,4', 'main.sh', 'any');
    await submit('--after-fail', '4', 'main.sh', 'mends');
    await submit('--after', '@last', '--on-dependency-failure', 'run', 'main.sh', 'last');
    const waiting = await rig.list();
    expect(ids(7, 2).map((id) => `${waiting.get(id)?.status} ${waiting.get(id)?.reason}`)).toEqual(
      ['1', '1', '1', '2-4', '2-4', '4', '7'].map((awaited) => `QUEUED waits for ${awaited}`),
    );
    rig.write('go', '');
    const runs = await rig.until(ids(8), 'COMPLETE FAILED', 180);
    expect(ids(8).map((id) => `${runs.get(id)?.status} ${runs.get(id)?.reason ?? ''}`.trim())).toEqual([
      'COMPLETE',
      'COMPLETE',
      'COMPLETE',
      'FAILED exit code 3',
      'FAILED dependency 4 failed',
      'COMPLETE',
      'COMPLETE',
      'COMPLETE',
    ]);
    // What still waits for a job of before follows its run when that is submitted again.
    rmSync(join(rig.directory, 'go'));
    await submit('main.sh', 'do=wait');
    await submit('--after', '9', 'main.sh', 'behind');
    expect((await rig.mlx('hold', '10')).exitCode).toBe(0);
    expect((await rig.mlx('stop', '9')).exitCode).toBe(0);
    await rig.until([9], 'STOPPED');
    rig.write('go', '');
    const again = await rig.mlx('resubmit', '9');
    expect([again.exitCode, again.stdout.match(/^Re-submitted logs\/\d+/gm)]).toEqual([
      0,
      ['Re-submitted logs/9', 'Re-submitted logs/10'],
    ]);
    const followed = await rig.until([9, 10], 'COMPLETE', 120);
    expect(followed.get(10)?.attempt).toBe(1);
    // What is known to have ended is settled at once.
    const { exitCode, stderr } = await rig.mlx('submit', '--after', '5', 'main.sh');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('failed   11  dependency 5 failed')]);
  });
});

test('stopping 500 jobs that wait is one call of the engine', async (context) => {
  const bin = mkdtempSync(join(tmpdir(), 'mlx-bin-'));
  removeAfterTest(bin);
  const rig = clusterRig('slurm', context, undefined, { PATH: `${bin}:${process.env['PATH']}` });
  configured('slurm', rig);
  const real = await rig.command('bash', '-c', 'type -P scancel');
  writeFileSync(join(bin, 'scancel'), `#!/bin/sh\necho "$#" >> '${bin}/calls'\nexec ${real.stdout.trim()} "$@"\n`);
  chmodSync(join(bin, 'scancel'), 0o755);
  await rig.mlx('submit', '-t', '500', '--array', 'always', '--option', '--hold', 'main.sh', 'do=well');
  const stopped = await rig.mlx('stop', '--status', 'held,queued');
  expect([stopped.exitCode, stopped.stdout]).toEqual([0, 'told 500 runs to end: 1-500\n']);
  await rig.until(ids(500), 'STOPPED');
  expect(readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1);
});
