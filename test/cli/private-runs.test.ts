import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { publicPackage } from '../rig/public-package.js';
import { makeRig, type Rig } from '../rig/rig.js';

/** Somebody who owns nothing: root may read everything. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The built command line, where everybody may read it. */
const shared = publicPackage();

/** A shared store of three runs, of which the second is private. */
async function sharedStore(close: (rig: Rig) => void): Promise<Rig> {
  const rig = makeRig();
  chmodSync(dirname(rig.directory), 0o755);
  rig.write(
    'main.py',
    'import mlxrun, sys\nrun = mlxrun.start()\nrun.log_metrics({"loss": 1.5, "epoch": 1}, "train")\n',
  );
  const { exitCode, stderr } = await rig.mlx('run', 'main.py', 'a=1,2,3', '--quiet');
  expect(exitCode, stderr).toBe(0);
  close(rig);
  return rig;
}

const chmod = (rig: Rig, mode: number, ...paths: string[]) => {
  for (const path of paths) chmodSync(join(rig.directory, path), mode);
};

/** Runs mlx as somebody else. */
async function asViewer(rig: Rig, ...words: string[]) {
  const { stdout, stderr, exitCode } = await execa(process.execPath, [join(shared, 'dist/cli/mlx.cjs'), ...words], {
    cwd: rig.directory,
    env: { CI: 'true', NO_COLOR: '1', HOME: '/' },
    reject: false,
    stdin: 'ignore',
    ...nobody,
  });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe.for([
  ['records', (rig: Rig) => chmod(rig, 0o000, 'logs/2/metadata/info.yaml', 'logs/2/metadata/attempts/1.yaml')],
  ['an attempt', (rig: Rig) => chmod(rig, 0o000, 'logs/2/metadata/attempts/1.yaml')],
  ['a directory', (rig: Rig) => chmod(rig, 0o000, 'logs/2')],
  ['its metadata', (rig: Rig) => chmod(rig, 0o000, 'logs/2/metadata')],
] as const)('a run of somebody else with %s that is private', ([, close]) => {
  test('costs one line of warning, and nothing else', { timeout: 120_000 }, async () => {
    const rig = await sharedStore(close);
    try {
      const warning = ["warning: 1 run can't be read: permission denied (2)"];
      const reading = [
        ['list', '--all'],
        ['list', '1-3', '--long'],
        ['list', '--json'],
        ['list', '--csv'],
        ['query', 'config.a >= 1'],
        ['best', 'train.loss', '--min'],
        ['plot', 'train.loss'],
        ['report'],
        ['watch'],
        ['wait', '1-3'],
      ];
      for (const words of reading) {
        const { stdout, stderr, exitCode } = await asViewer(rig, ...words);
        const warnings = lines(stderr).filter((line) => /warning|denied|EACCES/.test(line));
        expect([words, exitCode, warnings]).toEqual([words, 0, warning]);
        expect(stdout + stderr).not.toMatch(/mlx resume|EACCES|\[object/);
      }
      const listed = JSON.parse((await asViewer(rig, 'list', '--json')).stdout);
      expect(listed.map(({ status, problem }: Record<string, unknown>) => status ?? problem)).toEqual([
        'COMPLETE',
        'permission denied',
        'COMPLETE',
      ]);
      expect((await asViewer(rig, 'list')).stdout).toMatch(/^ *2 .*unreadable .*permission denied/m);
      for (const words of [
        ['show', '1'],
        ['why', '3'],
        ['logs', '1'],
        ['list', '1', '3'],
        ['diff', '1', '3'],
      ])
        expect([words, await asViewer(rig, ...words)]).toEqual([
          words,
          expect.objectContaining({ exitCode: 0, stderr: '' }),
        ]);
      for (const words of [
        ['show', '2'],
        ['why', '2'],
        ['logs', '2'],
      ]) {
        const { stderr, exitCode } = await asViewer(rig, ...words);
        expect([words, exitCode, stderr]).toEqual([
          words,
          1,
          expect.stringMatching(/^mlx: .*permission denied\n {2}ask its owner/),
        ]);
      }
    } finally {
      chmod(rig, 0o755, 'logs/2');
      chmod(rig, 0o755, 'logs/2/metadata');
    }
  });
});

test('private logs and metrics of a readable run cost their values', { timeout: 120_000 }, async () => {
  const rig = await sharedStore((one) =>
    chmod(one, 0o000, 'logs/2/metrics/train.json', 'logs/2/log.stderr', 'logs/2/log.stdout'),
  );
  for (const words of [
    ['list'],
    ['query', 'config.a >= 1'],
    ['best', 'train.loss', '--min'],
    ['plot', 'train.loss'],
    ['report'],
    ['show', '2'],
    ['why', '2'],
  ]) {
    const { exitCode, stderr } = await asViewer(rig, ...words);
    expect([words, exitCode, stderr]).toEqual([words, 0, expect.not.stringMatching(/mlx resume|EACCES/)]);
  }
  expect((await asViewer(rig, 'query', 'config.a >= 1')).stderr).toContain("metrics of runs 2 can't be read");
  expect(await asViewer(rig, 'logs', '2')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('ask its owner'),
  });
});

test('nobody deletes what is somebody else’s: permission denied', async () => {
  const rig = await sharedStore(() => undefined);
  chmod(rig, 0o755, 'logs', 'logs/.mlx', 'logs/1');
  const readable = await asViewer(rig, 'delete', '1', '--yes');
  expect([readable.exitCode, readable.stderr]).toEqual([3, expect.stringMatching(/can't delete 1: permission denied/)]);
  chmod(rig, 0o000, 'logs/1/metadata/attempts/1.yaml');
  const hidden = await asViewer(rig, 'delete', '1', '--yes');
  expect([hidden.exitCode, hidden.stderr]).toEqual([3, expect.stringMatching(/can't delete 1: permission denied/)]);
  expect(rig.tree('logs')).toContain('1/metadata/job.yaml');
});

test('a private launch hides its record, and nothing of the runs', { timeout: 60_000 }, async () => {
  const rig = await sharedStore(() => undefined);
  const [launch = ''] = rig.tree('logs/.mlx/launches').filter((path) => /^\w+\/$/.test(path));
  const directory = `logs/.mlx/launches/${launch}`;
  chmod(rig, 0o000, directory);
  try {
    for (const words of [['list', '@last'], ['why', '1'], ['report', '--usage'], ['doctor']]) {
      const { stdout, stderr } = await asViewer(rig, ...words);
      expect([words, stdout + stderr]).toEqual([words, expect.not.stringContaining('permission denied')]);
    }
    expect(JSON.parse((await asViewer(rig, 'list', '@last', '--json')).stdout)).toHaveLength(3);
    expect((await asViewer(rig, 'resume', '-n')).stderr).toBe(
      "nothing to resume in logs; 1 launch can't be looked into: permission denied",
    );
    const again = await asViewer(rig, 'rerun', '1');
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringMatching(/permission denied\n {2}ask its owner/)]);
  } finally {
    chmod(rig, 0o755, directory);
  }
});

test('in Python a private run is left out, with one warning', async () => {
  const rig = await sharedStore((one) => chmod(one, 0o000, 'logs/2/metadata'));
  try {
    const program = 'import mlxrun, sys; print([row["run"] for row in mlxrun.read(sys.argv[1])])';
    // One that others may start, too.
    const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path)) ?? 'python3';
    const { stdout, stderr } = await execa(python, ['-c', program, join(rig.directory, 'logs')], {
      cwd: '/',
      env: { PYTHONPATH: join(shared, 'dist/runtime'), HOME: '/' },
      ...nobody,
    });
    expect(stdout).toBe('[1, 3]');
    expect(stderr.match(/permission denied; left out: run 2/g)).toHaveLength(1);
  } finally {
    chmod(rig, 0o755, 'logs/2/metadata');
  }
});
