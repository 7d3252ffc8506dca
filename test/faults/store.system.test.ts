import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeRig, mlxBin, soak } from '../rig/rig.js';
import { report } from '../soak/report.js';

test('many launchers at once in one store make every run once, each under a number of its own', {
  timeout: 600_000,
}, async () => {
  const launchers = soak ? 100 : 10;
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho "$MLX_LOG_ID $1 $2" >> "done.$2"\n');
  const points = Array.from({ length: 20 }, (_, i) => i).join(',');
  const results = await Promise.all(
    Array.from({ length: launchers }, (_, i) =>
      rig.mlx('run', 'main.sh', `i=${points}`, `launcher=${i}`, '-j', '2', '-q'),
    ),
  );
  expect(results.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(Array(launchers).fill('0 '));
  const runs: { run: number; status: string; launch: string; overrides: string[] }[] = JSON.parse(
    (await rig.mlx('list', '--json')).stdout,
  );
  const total = launchers * 20;
  expect(runs.map(({ run }) => run)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['COMPLETE']));
  expect(new Set(runs.map(({ overrides }) => overrides.join(' '))).size).toBe(total);
  const lines = Array.from({ length: launchers }, (_, i) => rig.read(`done.launcher=${i}`).trim().split('\n')).flat();
  expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(total);
  expect(lines.length).toBe(total);
  if (soak) report('launchers at once in one store', launchers, 0, `${total} runs, each once`);
});

test('a logs/ may hold files, links and huge names beside its runs', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', 'i=1', '-q');
  const at = (name: string) => join(rig.directory, 'logs', name);
  writeFileSync(at('2'), 'a file that is named like a run');
  symlinkSync('/nowhere', at('3'));
  symlinkSync(at('1'), at('4'));
  mkdirSync(at('5'));
  writeFileSync(at('notes.txt'), '');
  mkdirSync(at('x'.repeat(255)));
  mkdirSync(at('9'.repeat(200)));
  mkdirSync(at('007'));
  mkdirSync(at('-1'));
  const before = readdirSync(join(rig.directory, 'logs'));
  const list = async () =>
    JSON.parse((await rig.mlx('list', '--json')).stdout).map(({ run, status }: { run: number; status: string }) => [
      run,
      status,
    ]);
  expect(await list()).toEqual([
    [1, 'COMPLETE'],
    [4, 'COMPLETE'],
    [5, null],
  ]);
  expect((await rig.mlx('run', 'main.sh', 'i=2', '-q')).exitCode).toBe(0);
  expect((await list()).at(-1)).toEqual([6, 'COMPLETE']);
  utimesSync(at('5'), 1e9, 1e9);
  expect((await rig.mlx('gc', '-y')).stdout).toContain('removed 1 thing');
  expect(readdirSync(join(rig.directory, 'logs')).sort()).toEqual(
    [...before.filter((name) => name !== '5'), '6'].sort(),
  );
  expect(rig.read('logs/2')).toBe('a file that is named like a run');
});

test('a clock that was set back, or runs from the future, trouble nobody', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', 'i=1,2', '-q');
  const claim = join(rig.directory, 'logs/1/metadata/attempts/1.yaml');
  writeFileSync(claim, readFileSync(claim, 'utf8').replace(/^start_seconds: .*/m, 'start_seconds: 4000000000'));
  for (const name of ['job.yaml', 'info.yaml', 'attempts'])
    utimesSync(join(rig.directory, 'logs/2/metadata', name), 4e9, 4e9);
  const { stdout, exitCode } = await rig.mlx('list');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/ 1 {2}complete {2}2096-.* 0\.0s/)]);
  expect((await rig.mlx('run', 'main.sh', 'i=3', '-q')).exitCode).toBe(0);
  expect((await rig.mlx('list', '--json')).stdout).toContain('"run":3');
});

describe('on a small disk of its own', () => {
  /** A directory on a tmpfs of this size; undefined where it can't be mounted. */
  function smallDisk(size: string): string | undefined {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-disk-'));
    onTestFinished(() => {
      spawnSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true, force: true });
    });
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
    return status === 0 ? directory : undefined;
  }
  const rootOnly = 'a disk of its own can be mounted by root only';
  const mlx = (cwd: string, ...args: string[]) =>
    spawnSync(process.execPath, [mlxBin, ...args], { cwd, encoding: 'utf8', timeout: 60_000 });
  const program = (cwd: string, name: string, text: string) => {
    writeFileSync(join(cwd, name), text);
    chmodSync(join(cwd, name), 0o755);
  };

  test('that is full when a program ends, its end is on record all the same', (context) => {
    const cwd = smallDisk('2m');
    if (cwd === undefined) return context.skip(rootOnly);
    // Writing that it runs frees what told that it did not.
    const begun = 'until grep -q "^status: RUNNING" "$MLX_LOG_DIR/metadata/info.yaml"; do sleep 0.1; done; sleep 0.2';
    program(
      cwd,
      'main.sh',
      `#!/bin/bash\n${begun}\nhead -c 9000000 /dev/zero > fill 2>/dev/null\n[ "$1" = i=1 ] || exit 4\n`,
    );
    const { status } = mlx(cwd, 'run', 'main.sh', 'i=1', '-q');
    expect(readdirSync(join(cwd, 'logs/1/metadata/attempts'))).toEqual(['1.yaml']);
    rmSync(join(cwd, 'fill'));
    expect(JSON.parse(mlx(cwd, 'list', '--json').stdout)).toMatchObject([{ run: 1, status: 'COMPLETE', exit_code: 0 }]);
    expect(mlx(cwd, 'show', '1').stdout).toContain('exit code 0');
    // It did end well, but mlx could not write all that it had to.
    expect([0, 1]).toContain(status);
    expect(mlx(cwd, 'resume', '-q').status).toBe(0);
    expect(readFileSync(join(cwd, 'logs/1/metadata/info.yaml'), 'utf8')).toMatch(/^status: COMPLETE\n/);
  });

  test('that is full while a program logs, the program goes on and is told once', (context) => {
    const cwd = smallDisk('3m');
    if (cwd === undefined) return context.skip(rootOnly);
    writeFileSync(
      join(cwd, 'main.py'),
      `import mlxrun, os
run = mlxrun.start()
run.log_metrics({"a": 1})
fill = open("fill", "wb", buffering=0)
try:
    while True: fill.write(bytes(4096))
except OSError: pass
for i in range(2000): run.log_metrics({"a": i, "pad": "x" * 50})
run.checkpoint({"a": 1})
fill.close(); os.remove("fill")
run.log_metrics({"a": "last"})
`,
    );
    const { status } = mlx(cwd, 'run', 'main.py', 'i=1', '-q');
    expect(status).toBe(0);
    expect(readFileSync(join(cwd, 'logs/1/log.stderr'), 'utf8')).toMatch(
      /^mlxrun: can't write to [^\n]*; going on without\n$/,
    );
    const lines = readFileSync(join(cwd, 'logs/1/metrics/train.json'), 'utf8').trim().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['{"a": 1, "_attempt": 1}', '{"a": "last", "_attempt": 1}']);
  });

  test('that is read-only, runs are listed and shown, and none is made', (context) => {
    const cwd = smallDisk('3m');
    if (cwd === undefined) return context.skip(rootOnly);
    program(cwd, 'main.sh', '#!/bin/bash\necho out\n');
    expect(mlx(cwd, 'run', 'main.sh', 'i=1,2', '-q').status).toBe(0);
    expect(spawnSync('mount', ['-o', 'remount,ro', cwd]).status).toBe(0);
    expect(JSON.parse(mlx(cwd, 'list', '--json').stdout).length).toBe(2);
    expect(mlx(cwd, 'logs', '1').stdout).toBe('out\n');
    const refused = mlx(cwd, 'run', 'main.sh', 'i=3');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('the file system is read-only')]);
    expect(mlx(cwd, 'doctor').stdout).toMatch(/^mend {2}store .*EROFS/m);
    expect(mlx(cwd, 'rerun', '1', '-q').status).toBe(2);
    expect(mlx(cwd, 'gc').stdout).toContain('nothing to remove');
  });
});
