import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

const message = "mlx: can't write the output: the disk is full\n";

/** Runs mlx with standard output, standard error or both on a full disk. */
function onFullDisk(rig: Rig, which: 'stdout' | 'stderr' | 'both', args: readonly string[]) {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [mlxBin, ...args], {
    cwd: rig.directory,
    env: { ...process.env, CI: 'true', NO_COLOR: '1' },
    encoding: 'utf8',
    stdio: ['ignore', which === 'stderr' ? 'pipe' : full, which === 'stdout' ? 'pipe' : full],
  });
  closeSync(full);
  return { exitCode: status, stderr: stderr ?? '' };
}

describe('on a full disk', () => {
  const rig = makeRig({}, afterAll);
  beforeAll(async () => {
    rig.write('main.py', 'import mlxrun\nmlxrun.start().log_metrics({"loss": 1})\nprint("said")\n');
    await rig.mlx('run', 'main.py', 'x=1,2', '-q');
  });

  test.each([
    ...['list', 'list --json', 'list --csv', 'show 1', 'show 1 --json', 'query', 'query --jsonl', 'query --csv'],
    ...['report 1', 'best train.loss --min', 'why 1', 'logs 1', 'logs 1-2', 'diff 1 2', 'plot train.loss', 'doctor'],
    ...['completion bash', 'help', 'help sweeps', 'config', 'run main.py x=1,2 --dry-run', 'run --help'],
  ])('mlx %s says so in one line', async (line) => {
    const { exitCode, stderr } = onFullDisk(rig, 'stdout', line.split(' '));
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stderr.split("can't write")).toHaveLength(2);
    expect(exitCode).toBe(1);
    expect(onFullDisk(rig, 'both', line.split(' ')).exitCode).toBe(1);
  });

  test.each(['stdout', 'stderr', 'both'] as const)(
    'with its %s, a launch starts and follows all its runs',
    async (which) => {
      const own = makeRig();
      own.write('main.sh', 'echo said\n');
      const launches = [['-j', '2'], ['-j', '1'], ['--stream'], ['--json']];
      for (const words of launches) {
        const { exitCode, stderr } = onFullDisk(own, which, ['run', 'main.sh', 'x=1,2', ...words, '--store', 's']);
        expect(stderr.includes(message)).toBe(which === 'stdout');
        // With --json, nothing is written to standard error.
        expect(exitCode).toBe(which === 'stderr' && words.includes('--json') ? 0 : 1);
      }
      expect(onFullDisk(own, 'stderr', ['run', 'main.sh', 'x=1,2', '-q', '--store', 's']).exitCode).toBe(0);
      const runs: { status: string }[] = JSON.parse((await own.mlx('list', '--json', '--store', 's')).stdout);
      expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'COMPLETE'));
    },
  );

  test('the queue is worked off, and runs are watched to their ends', async () => {
    const own = makeRig();
    own.write('main.sh', 'echo said\n');
    await own.mlx('run', 'main.sh', 'x=1,2,3', '--scheduler', 'local');
    const executed = onFullDisk(own, 'both', ['execute']);
    expect(executed.exitCode).toBe(1);
    const runs: { status: string }[] = JSON.parse((await own.mlx('list', '--json')).stdout);
    expect(runs.map(({ status }) => status)).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE']);
    expect(onFullDisk(own, 'both', ['watch', '1-3']).exitCode).toBe(1);
  });
});

test('a disk that has room for a part of the output is no success', async () => {
  const rig = makeRig();
  // At this limit the system writes a part of the text, as on a disk that fills up.
  const { exitCode, stderr } = await execa(
    'bash',
    ['-c', 'ulimit -f 1; exec "$0" "$@" > out', process.execPath, mlxBin, 'help'],
    {
      cwd: rig.directory,
      reject: false,
      stripFinalNewline: false,
    },
  );
  expect([exitCode, stderr]).toEqual([1, "mlx: can't write the output: the file would be larger than allowed\n"]);
  expect(statSync(join(rig.directory, 'out')).size).toBe(1024);
});
