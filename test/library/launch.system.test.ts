import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program that imports mlx, in a directory where it is installed. */
async function program(rig: Rig, text: string) {
  mkdirSync(join(rig.directory, 'node_modules'), { recursive: true });
  if (!existsSync(join(rig.directory, 'node_modules/mlx'))) symlinkSync(root, join(rig.directory, 'node_modules/mlx'));
  rig.write('user.mjs', text);
  return execa('node', ['user.mjs'], { cwd: rig.directory, reject: false });
}

describe('launch(request)', () => {
  test('runs a sweep here as mlx run does: the same files, config and order', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 0.1\nmodel: {depth: 2}\n');
    rig.write('main.sh', '#!/bin/bash\necho "$@"\n');
    const { stdout, stderr } = await program(
      rig,
      `import { launch } from 'mlx';
       const sweep = await launch({ program: 'main.sh', overrides: ['lr=1e-3,1e-2', 'model.depth=1,2'], parallel: 1 });
       const ends = await sweep.finished();
       console.log(JSON.stringify([sweep.plan.count, sweep.target.kind, ends.map(({ id, status, exitCode }) => [id, status, exitCode])]));`,
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([4, 'here', [1, 2, 3, 4].map((id) => [id, 'COMPLETE', 0])]);
    expect((await rig.mlx('run', 'main.sh', 'lr=1e-3,1e-2', 'model.depth=1,2', '-q', '-j', '1')).exitCode).toBe(0);
    for (const id of [1, 2, 3, 4]) {
      for (const file of ['metadata/config.yaml', 'metadata/overrides.yaml', 'log.stdout']) {
        expect(rig.read(`logs/${id}/${file}`)).toBe(rig.read(`logs/${id + 4}/${file}`));
      }
    }
  });

  test('reports events while runs go on, and stops them', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\nsleep 60\n');
    const { stdout } = await program(
      rig,
      `import { launch } from 'mlx';
       const sweep = await launch({ program: 'main.sh', overrides: ['a=1,2'], parallel: 1 });
       const seen = [];
       const ends = await sweep.finished((event) => {
         seen.push(event.type);
         if (event.type === 'starting') sweep.stop('enough');
       });
       console.log(JSON.stringify([seen, ends.map(({ status, reason }) => [status, reason])]));`,
    );
    expect(JSON.parse(stdout)).toEqual([['launched', 'starting', 'ended'], [['STOPPED', 'enough']]]);
    expect((await rig.mlx('resume', '--dry-run', '--json')).stdout).toContain('"create":1');
  });

  test('returns the results of its runs, and of no others', async () => {
    const rig = makeRig();
    rig.write(
      'main.sh',
      '#!/bin/bash\nmkdir -p "$MLX_LOG_DIR/metrics"; echo "{\\"loss\\": ${1#a=}}" > "$MLX_LOG_DIR/metrics/train.json"\n',
    );
    expect((await rig.mlx('run', 'main.sh', 'a=9', '-q')).exitCode).toBe(0);
    const { stdout } = await program(
      rig,
      `import { launch, parseColumnName, resultValue } from 'mlx';
       const sweep = await launch({ program: 'main.sh', overrides: ['a=1,2'] });
       await sweep.finished();
       const results = await sweep.results();
       console.log(JSON.stringify(results.map((one) => [one.id, resultValue(one, parseColumnName('train.loss'))])));`,
    );
    expect(JSON.parse(stdout)).toEqual([
      [2, 1],
      [3, 2],
    ]);
  });

  test('puts runs into the local queue', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "$@"\n');
    const { stdout, stderr } = await program(
      rig,
      `import { launch } from 'mlx';
       const sweep = await launch({ program: 'main.sh', overrides: ['a=1,2'], engine: 'local', priority: 3 });
       console.log(JSON.stringify([sweep.target.kind, await sweep.finished()]));`,
    );
    expect([stderr, stdout]).toEqual(['', '["queue",[]]']);
    expect((await rig.mlx('execute', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/log.stdout')).toBe('a=2\n');
  });

  test('throws what mlx run refuses, and writes nothing', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n');
    const { stdout } = await program(
      rig,
      `import { launch, MlxError, renderFailure } from 'mlx';
       for (const request of [
         { program: 'man.sh', overrides: ['a=1'] },
         { program: 'main.sh', overrides: ['a='], where: ['b > 1'] },
         { program: 'main.sh', partition: 'gpu' },
         { program: 'main.sh', engine: 'slrum' },
       ]) {
         const error = await launch(request).catch((thrown) => thrown);
         console.log(error instanceof MlxError, error.failure.reason, renderFailure(error.failure).exitCode);
       }`,
    );
    expect(stdout.split('\n')).toEqual([
      'true program-missing 2',
      'true unknown-name 2',
      'true needs-engine 2',
      'true unknown-engine 2',
    ]);
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });

  test('fixes the version of the code, and runs from its copy', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\npwd; echo "$@"\n');
    rig.write('.gitignore', 'node_modules\nuser.mjs\nlogs\n.workdir\n');
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: rig.directory });
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-qm', 'first');
    const { stdout, stderr } = await program(
      rig,
      `import { launch } from 'mlx';
       const sweep = await launch({ program: 'main.sh', overrides: ['a=1'], versioned: true, uncommitted: 'fail', untracked: 'fail' });
       console.log((await sweep.finished()).map(({ status }) => status).join());`,
    );
    expect([stderr, stdout]).toEqual(['', 'COMPLETE']);
    expect(rig.read('logs/1/log.stdout')).toMatch(/\/\.workdir\/[0-9a-f]+.*\na=1\n$/);
  });
});

describe('the library', () => {
  test('names about forty things, each with a docstring, and nothing of cli', () => {
    const text = readFileSync(join(root, 'src/index.ts'), 'utf8');
    expect(text).not.toMatch(/export \*|\/cli\//);
    const names = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map((name) => name.trim()),
    );
    expect(names.filter((name) => name !== '').length).toBeLessThanOrEqual(50);
  });

  test('is used by an example, which launches, follows and reads a sweep', async () => {
    const rig = makeRig();
    for (const name of ['iris', 'library']) {
      cpSync(join(root, 'examples', name), join(rig.directory, 'examples', name), { recursive: true });
    }
    mkdirSync(join(rig.directory, 'node_modules'));
    symlinkSync(root, join(rig.directory, 'node_modules/mlx'));
    const { stdout, stderr, exitCode } = await execa('node', ['examples/library/sweep.mjs'], {
      cwd: rig.directory,
      reject: false,
    });
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout).toMatch(
      /^4 runs in .*logs\n(run \d {2}\S+ \S+ {2}COMPLETE\n){4}best: optimizer\.lr=0\.01 with a loss of \d\.\d+$/,
    );
  });
});
