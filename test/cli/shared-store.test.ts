import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { publicPackage } from '../rig/public-package.js';
import { makeRig, type Rig } from '../rig/rig.js';

/** The built command line, where everybody may read it. */
const shared = publicPackage();
const group = 20_000;

/** A project that two users of a group share. */
function project(): Rig {
  const rig = makeRig();
  chmodSync(dirname(rig.directory), 0o755);
  rig.write('main.sh', '#!/bin/bash\necho "$@"\nexit "${1#i=}"\n');
  chownSync(rig.directory, 0, group);
  chmodSync(rig.directory, 0o2775);
  return rig;
}

/** Runs mlx as a user of the group, with the umask that most have. */
async function as(user: number, rig: Rig, ...words: string[]) {
  const mlx = `umask 022; exec '${process.execPath}' '${join(shared, 'dist/cli/mlx.cjs')}' "$@"`;
  const { stdout, stderr, exitCode } = await execa('bash', ['-c', mlx, 'mlx', ...words], {
    cwd: rig.directory,
    env: { CI: 'true', NO_COLOR: '1', HOME: '/' },
    reject: false,
    stdin: 'ignore',
    uid: user,
    gid: group,
  });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
}

const [ada, bob] = [10_001, 10_002];

describe.runIf(process.getuid?.() === 0)('two users in one store', () => {
  test('of a group resume, resubmit, stop and delete each other’s runs', { timeout: 120_000 }, async () => {
    const rig = project();
    rig.write('configs/mlx.yaml', 'logger: { group_writable: true }\n');
    expect(await as(ada, rig, 'run', 'main.sh', 'i=0,1', '-q')).toMatchObject({ exitCode: 1 });
    expect(await as(bob, rig, 'run', 'main.sh', 'i=0', '-q')).toMatchObject({ exitCode: 0, stderr: '' });
    const modes = rig.tree('logs').map((path) => statSync(join(rig.directory, 'logs', path)));
    expect(modes.filter(({ gid, mode }) => gid !== group || (mode & 0o020) === 0)).toEqual([]);
    rig.write('main.sh', '#!/bin/bash\nid -u >> "$MLX_LOG_DIR/artifacts/who"\n');
    expect((await as(bob, rig, 'resubmit', 'failed', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/artifacts/who')).toBe(`${bob}\n`);
    expect((await as(ada, rig, 'rerun', '3', '--in-place', '-q')).exitCode).toBe(0);
    expect(await as(ada, rig, 'delete', '3', '--yes')).toMatchObject({ exitCode: 0, stdout: 'deleted run 3' });
    expect((await as(bob, rig, 'delete', '1-2', '--yes')).exitCode).toBe(0);
    expect(rig.tree('logs').filter((path) => /^\d/.test(path))).toEqual([]);
  });

  test('who are no group run no code that the other has put there', async () => {
    const rig = project();
    chmodSync(rig.directory, 0o777);
    expect((await as(ada, rig, 'run', 'main.sh', 'i=0', '-q')).exitCode).toBe(0);
    const [version = ''] = rig.tree('logs/.mlx/runtime').filter((path) => path.endsWith('/'));
    chmodSync(join(rig.directory, 'logs'), 0o777);
    for (const path of ['logs/.mlx', 'logs/.mlx/launches', 'logs/.mlx/runtime', 'logs/.mlx/deleted'])
      mkdirSync(join(rig.directory, path), { recursive: true });
    await execa('chmod', ['-R', 'a+rwX', join(rig.directory, 'logs/.mlx')]);
    expect((await as(bob, rig, 'run', 'main.sh', 'i=0', '-q')).exitCode).toBe(0);
    const script = rig.read('logs/2/script.sh');
    expect(script).toContain(`logs/.mlx/runtime/${version.slice(0, -1)}-${bob}/run.sh`);
    // Root is trusted, as it may do anything anyway.
    expect((await rig.mlx('run', 'main.sh', 'i=0', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/3/script.sh')).toContain(`logs/.mlx/runtime/${version.slice(0, -1)}-0/run.sh`);
  });
});

test('a runtime whose files were changed is not run', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', 'i=0', '-q');
  const [supervisor = ''] = rig.tree('logs/.mlx/runtime').filter((path) => path.endsWith('/run.sh'));
  const path = `logs/.mlx/runtime/${supervisor}`;
  rig.write(path, rig.read(path).replace('\n', '\ntouch changed\n'));
  expect((await rig.mlx('run', 'main.sh', 'i=0', '-q')).exitCode).toBe(0);
  expect(rig.tree()).not.toContain('changed');
});

test('what holds exported values is for nobody else; the runtime is as readable as the rest', async () => {
  const rig = makeRig({ SECRET: 's3cret' });
  rig.write('main.sh', '#!/bin/bash\ntest "$SECRET" = s3cret\n');
  expect((await rig.mlx('run', 'main.sh', '+mlx.environment=[PATH,SECRET]', '-q')).exitCode).toBe(0);
  const holding = rig.tree('logs').filter((path) => !path.endsWith('/') && rig.read(`logs/${path}`).includes('s3cret'));
  expect(holding).toHaveLength(2);
  for (const path of holding) expect(statSync(join(rig.directory, 'logs', path)).mode & 0o077).toBe(0);
});

test('a log that is a link out of the run is not written through, and mlx delete of a link removes the link', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho said; echo cried >&2; exit 1\n');
  rig.write('precious', 'kept\n');
  await rig.mlx('run', 'main.sh', 'i=1,2', '-q');
  const inRun = (path: string) => join(rig.directory, 'logs', path);
  rmSync(inRun('1/log.stdout'));
  symlinkSync(join(rig.directory, 'precious'), inRun('1/log.stdout'));
  // One log for both is the user's own business.
  rmSync(inRun('2/log.stderr'));
  symlinkSync('log.stdout', inRun('2/log.stderr'));
  expect((await rig.mlx('resubmit', 'failed', '-q')).exitCode).toBe(1);
  expect(rig.read('precious')).toBe('kept\n');
  const runs = JSON.parse((await rig.mlx('list', '--json')).stdout);
  expect(runs.map(({ reason }: { reason: string }) => reason)).toEqual([
    'log.stdout is a link out of the run directory',
    'exit code 1',
  ]);
  expect(rig.read('logs/2/log.stdout')).toMatch(/said\ncried\n$/);
  rig.write('elsewhere/kept', '');
  cpSync(inRun('2'), join(rig.directory, 'elsewhere/2'), { recursive: true, verbatimSymlinks: true });
  rmSync(inRun('2'), { recursive: true });
  symlinkSync(join(rig.directory, 'elsewhere/2'), inRun('2'));
  expect(await rig.mlx('delete', '2', '--yes')).toMatchObject({ exitCode: 0, stdout: 'deleted run 2\n' });
  expect(rig.tree('elsewhere/2')).toContain('metadata/job.yaml');
  expect(lstatSync(join(rig.directory, 'logs')).isDirectory() && rig.tree('logs').includes('2')).toBe(false);
});
