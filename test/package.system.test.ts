import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRig } from './rig/rig.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the package', () => {
  let directory: string;
  /** The files in it. */
  let names: string[];
  /** Where it is installed globally. */
  let prefix: string;
  let library: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mlx-pack-'));
    const packed = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
      cwd: root,
    });
    const [{ filename, files }] = JSON.parse(packed.stdout);
    names = files.map(({ path }: { path: string }) => path);
    prefix = join(directory, 'global');
    library = join(prefix, 'lib/node_modules/mlx');
    await execa('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', join(directory, filename)]);
  }, 120_000);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('has what it needs, and nothing else', () => {
    for (const path of [
      'dist/cli/main.cjs',
      'dist/runtime/run.sh',
      'dist/types/index.d.ts',
      'dist/types/client/index.d.ts',
      'dist/client.js',
      'dist/results/stat-worker.cjs',
      'dist/python/mlxrun.py',
      'dist/python/mlxread.py',
      'dist/runtime/mlxrun.py',
      'dist/runtime/mlxread.py',
      'configs/mlx.yaml',
      'dist/mlx.schema.json',
      'README.md',
      'LICENSE',
    ]) {
      expect(names).toContain(path);
    }
    expect(
      names.filter((name) => /^(src\/(?!sweep\/GRAMMAR\.md)|test|node_modules)|__pycache__|main\.cache/.test(name)),
    ).toEqual([]);
  });

  test('has commands that work when it is installed globally', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "$@"\n');
    const bin = (name: string, ...args: string[]) =>
      execa(join(prefix, 'bin', name), args, { cwd: rig.directory, reject: false });
    expect((await bin('mlx', '--version')).stdout).toMatch(/^mlx \d/);
    expect((await bin('mlxsub', '--version')).stdout).toMatch(/^mlxsub \d/);
    expect((await bin('mlx', 'run', 'main.sh', 'a=1,2', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/log.stdout')).toBe('a=2\n');
  });

  test('has a library that reads what the commands wrote', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n');
    expect((await rig.mlx('run', 'main.sh', 'a=1,2', '-q')).exitCode).toBe(0);
    expect(existsSync(join(library, 'dist/types/index.d.ts'))).toBe(true);
    const { stdout } = await execa(
      'node',
      [
        '--input-type=module',
        '-e',
        `import { parseOverride, points, readRun, sweepOf } from ${JSON.stringify(join(library, 'dist/index.js'))};
       console.log([...points(sweepOf({ overrides: [parseOverride('a=1,2')] }))].length, readRun('logs', 2).status.status);`,
      ],
      { cwd: rig.directory },
    );
    expect(stdout).toBe('2 COMPLETE');
  });

  test('has types for strict programs', async () => {
    const rig = makeRig();
    rig.write(
      'user.ts',
      `import { type Config, start } from 'mlx/client';
       const run1 = start({ config: 'configs/config.yaml' });
       run1.logMetrics({ loss: 1 }, 'train');
       export const config: Config = run1.config;
       import { type Failure, type LaunchEvent, launch, parseOverride, readRun } from 'mlx';
       export const kind: string | undefined = parseOverride('a=1').value?.kind;
       export const started = (event: LaunchEvent, failure: Failure): string[] => [event.type, failure.reason, typeof launch];
       const run = readRun('logs', 1);
       export const status: string = run?.kind === 'run' ? run.status.status : 'incomplete';\n`,
    );
    mkdirSync(join(rig.directory, 'node_modules'));
    symlinkSync(library, join(rig.directory, 'node_modules/mlx'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const strict = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
      'false',
      'user.ts',
    ];
    const types = await execa('node', [tsc, ...strict], { cwd: rig.directory, reject: false });
    expect([types.exitCode, types.stdout]).toEqual([0, '']);
  });
});
