import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeRig } from './rig/rig.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the package', () => {
  test('works when it is installed globally: commands, library and types', { timeout: 180_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-pack-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const packed = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
      cwd: root,
    });
    const [{ filename, files }] = JSON.parse(packed.stdout);
    const names: string[] = files.map(({ path }: { path: string }) => path);
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
      'README.md',
      'LICENSE',
    ]) {
      expect(names).toContain(path);
    }
    expect(
      names.filter((name) => /^(src\/(?!sweep\/GRAMMAR\.md)|test|node_modules)|__pycache__|main\.cache/.test(name)),
    ).toEqual([]);

    const prefix = join(directory, 'global');
    await execa('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', join(directory, filename)]);
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "$@"\n');
    const bin = (name: string, ...args: string[]) =>
      execa(join(prefix, 'bin', name), args, { cwd: rig.directory, reject: false });
    expect((await bin('mlx', '--version')).stdout).toMatch(/^mlx \d/);
    expect((await bin('mlxsub', '--version')).stdout).toMatch(/^mlxsub \d/);
    expect((await bin('mlx', 'run', 'main.sh', 'a=1,2', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/log.stdout')).toBe('a=2\n');

    const library = join(prefix, 'lib/node_modules/mlx');
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

    rig.write(
      'user.ts',
      `import { type Config, start } from 'mlx/client';
       const run1 = start({ config: 'configs/config.yaml' });
       run1.logMetrics({ loss: 1 }, 'train');
       export const config: Config = run1.config;
       import { type Failure, type LaunchEvent, launchHere, parseOverride, readRun } from 'mlx';
       export const kind: string | undefined = parseOverride('a=1').value?.kind;
       export const started = (event: LaunchEvent, failure: Failure): string[] => [event.type, failure.reason, typeof launchHere];
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
