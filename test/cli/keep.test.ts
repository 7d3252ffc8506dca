import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

async function project(): Promise<Rig> {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\nexit 0\n');
  await rig.mlx('run', 'main.sh', 'i=1,2', '-q');
  return rig;
}

/** Makes things look left alone for long. */
function age(rig: Rig, ...paths: string[]): void {
  for (const path of paths) utimesSync(join(rig.directory, path), 1e9, 1e9);
}

describe('mlx gc', () => {
  test('removes what killed processes left, after asking, and nothing else', async () => {
    const rig = await project();
    for (const path of ['logs/5/metadata/attempts', 'logs/6', 'logs/7/metrics', 'logs/8/metadata'])
      mkdirSync(join(rig.directory, path), { recursive: true });
    writeFileSync(join(rig.directory, 'logs/7/metrics/train.json'), '{}\n');
    rig.write('logs/1/metadata/info.yaml.n4.999999.tmp', 'x');
    rig.write('logs/.mlx/launches/gone/launch.yaml.n4.999999.0a1b2c3d.2.tmp', 'x');
    rig.write('logs/.mlx/runtime/0.0.1-old/run.sh', '');
    age(
      rig,
      'logs/5/metadata',
      'logs/5',
      'logs/6',
      'logs/7',
      'logs/1/metadata/info.yaml.n4.999999.tmp',
      'logs/.mlx/launches/gone/launch.yaml.n4.999999.0a1b2c3d.2.tmp',
      'logs/.mlx/runtime/0.0.1-old',
    );
    const asked = await rig.mlx('gc');
    expect([asked.exitCode, asked.stderr]).toEqual([
      2,
      'mlx: nobody is there to answer: remove 5 things?\n  --yes answers yes\n',
    ]);
    expect(existsSync(join(rig.directory, 'logs/5'))).toBe(true);
    const { stdout, exitCode } = await rig.mlx('gc', '-y');
    expect([exitCode, stdout]).toEqual([
      0,
      'logs/5  never completed, its launcher died\n' +
        'logs/6  never completed, its launcher died\n' +
        'logs/.mlx/launches/gone/launch.yaml.n4.999999.0a1b2c3d.2.tmp  left behind by a killed process\n' +
        'logs/1/metadata/info.yaml.n4.999999.tmp  left behind by a killed process\n' +
        'logs/.mlx/runtime/0.0.1-old  of another version, used by no script\n' +
        'removed 5 things\n',
    ]);
    // 7 holds what a program wrote; 8 was claimed just now, perhaps on another host.
    expect(['1', '2', '7', '8'].map((id) => existsSync(join(rig.directory, 'logs', id)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect((await rig.mlx('gc', '-y')).stdout).toBe('nothing to remove from logs\n');
  });
});

describe('mlx doctor', () => {
  test('says ok for each thing that is well', async () => {
    const rig = await project();
    const before = rig.tree('logs');
    const { stdout, exitCode } = await rig.mlx('doctor');
    expect(exitCode, stdout).toBe(0);
    for (const line of [
      /^ok {4}node {6}v\d+/m,
      /^ok {4}bash {6}GNU bash/m,
      /^ok {4}store {5}.*can be written to$/m,
      /^ok {4}clock/m,
      /^ok {4}disk/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(rig.tree('logs')).toEqual(before);
  });

  test('tells what to do about what is not', async () => {
    const rig = await project();
    mkdirSync(join(rig.directory, 'logs/5'));
    writeFileSync(join(rig.directory, 'logs/1/metadata/job.yaml'), 'token: x\n');
    const { stdout, exitCode } = await rig.mlx('doctor');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^mend {2}runs {6}.*logs\/1\/metadata\/job\.yaml: it is cut short or was edited\n/m);
    expect(stdout).toMatch(/^mend {2}runs {6}1 never completed \(5\)\n {16}mlx gc removes them$/m);
    expect(JSON.parse((await rig.mlx('doctor', '--json')).stdout)).toContainEqual(
      expect.objectContaining({ about: 'runs', state: 'bad', remedy: 'mlx gc removes them' }),
    );
  });
});
