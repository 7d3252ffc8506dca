import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeRig, pathOf, processesMentioning, type Rig, waitUntil } from '../rig/rig.js';

/** A program that writes its argv, NUL between the words, where its run is. */
const printArgs = `#!/bin/bash\nprintf '%s\\0' "$@" > "$MLX_LOG_DIR/argv"\necho "hello from $MLX_LOG_ID"\n`;
const argvOf = (rig: Rig, id: number) => rig.read(`logs/${id}/argv`).split('\0').slice(0, -1);
const status = (rig: Rig, id: number) => /^status: (.*)$/m.exec(rig.read(`logs/${id}/metadata/info.yaml`))?.[1];

describe('mlx run', () => {
  test('makes one complete directory per point, in order, and shows how each ended', async () => {
    const rig = makeRig();
    rig.write('main.sh', printArgs);
    const { exitCode, stdout, stderr } = await rig.mlx('run', 'main.sh', 'lr=1e-3,10.', 'seed=1,2', '-j', '1');
    expect(exitCode).toBe(0);
    expect([1, 2, 3, 4].map((id) => argvOf(rig, id))).toEqual([
      ['lr=1e-3', 'seed=1'],
      ['lr=1e-3', 'seed=2'],
      ['lr=10.', 'seed=1'],
      ['lr=10.', 'seed=2'],
    ]);
    expect(rig.tree('logs/3')).toEqual([
      'argv',
      'artifacts/',
      'log.stderr',
      'log.stdout',
      'metadata/',
      'metadata/attempts/',
      'metadata/attempts/1.end.yaml',
      'metadata/attempts/1.yaml',
      'metadata/config.yaml',
      'metadata/info.yaml',
      'metadata/job.yaml',
      'metadata/mlx.yaml',
      'metadata/overrides.yaml',
      'metrics/',
      'script.sh',
    ]);
    expect(rig.read('logs/3/metadata/config.yaml')).toBe('lr: 10.0\nseed: 1\n...\n');
    expect(rig.read('logs/3/metadata/overrides.yaml')).toBe('point: 2\noverrides:\n- "lr=10."\n- "seed=1"\n...\n');
    expect(rig.read('logs/3/log.stdout')).toBe('hello from 3\n');
    expect(stdout).toContain('[3] hello from 3\n');
    expect(stdout).toMatch(/ {2}3 {2}lr=10\. seed=1 {3}complete {2}\d/);
    expect(stderr).toContain('4 runs on this machine, 1 at once\n');
  });

  test('goes on counting in a second launch, which has a record of its own', async () => {
    const rig = makeRig();
    rig.write('main.sh', printArgs);
    expect((await rig.mlx('run', 'main.sh', 'lr=1e-3,10.', 'seed=1,2', '-q')).exitCode).toBe(0);
    expect((await rig.mlx('run', 'main.sh', 'lr=1,2', '--quiet')).exitCode).toBe(0);
    expect([5, 6].map((id) => status(rig, id))).toEqual(['COMPLETE', 'COMPLETE']);
    const [launch, second] = rig.tree('logs/.mlx/launches').filter((name) => /^\w+\/$/.test(name));
    expect(second).toBeDefined();
    expect(rig.tree(`logs/.mlx/launches/${launch?.slice(0, -1)}`)).toEqual([
      'code.yaml',
      'done.yaml',
      'launch.yaml',
      'mlx.yaml',
      'owner.0/',
      'owner.0/process.yaml',
      'points.jsonl',
    ]);
  });

  test('any bytes of an argument arrive in argv, through a real script', async () => {
    const rig = makeRig();
    rig.write('main.sh', printArgs);
    const text = fc
      .oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '--', '-x', '$(id)', '`id`', '\'"', '\n', '\\', 'é🚀'),
      )
      .filter((word) => !word.includes('\0') && word.isWellFormed() && !word.includes('\uFFFD'));
    const samples = fc.sample(fc.array(text, { maxLength: 5 }), 25);
    for (const [i, words] of samples.entries()) {
      const quoted = `name='${(words[0] ?? '').replace(/(\\*)'/g, "$1$1\\'").replace(/\\+$/, '$&$&')}'`;
      const { exitCode, stderr } = await rig.mlx('run', 'main.sh', quoted, '-q', '--', ...words);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(argvOf(rig, i + 1)).toEqual([...words, quoted]);
    }
  });

  test('a failing run is told at once with its last lines, and does not stop the rest', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n[ "$1" != i=2 ] || { echo "no such layer" >&2; exit 3; }\n');
    const { exitCode, stderr, stdout } = await rig.mlx('run', 'main.sh', 'i=1,2,3', '-j2');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/failed {3}2 {2}i=2 {2}\d+\.\ds {2}exit code 3\n {2}│ no such layer\n/);
    expect(stdout).toMatch(/2 {2}i=2 {4}failed {4}\d+\.\ds {10}3 {2}no such layer\n/);
    expect(stdout).toMatch(/^1 failed: no such layer {2}\(run 2\)$/m);
    expect([1, 2, 3].map((id) => status(rig, id))).toEqual(['COMPLETE', 'FAILED', 'COMPLETE']);
  });

  test('--fail-fast stops what runs and starts nothing more', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n[ "$1" != i=2 ] || exit 3\nsleep 100\n');
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'i=1,2,3,4', '-j', '2', '--fail-fast');
    expect(exitCode).toBe(1);
    expect([1, 2].map((id) => status(rig, id))).toEqual(['STOPPED', 'FAILED']);
    expect(existsSync(join(rig.directory, 'logs/3'))).toBe(false);
    expect(stderr).toContain('2 runs were not started');
  });

  test('--walltime ends a run over its limit as TIMEOUT, its children too', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\nsleep 1000 &\nsleep 1000\n');
    const { exitCode, stdout } = await rig.mlx('run', 'main.sh', '--walltime', '1');
    expect(exitCode).toBe(1);
    expect(status(rig, 1)).toBe('TIMEOUT');
    expect(stdout).toContain('over its 00:00:01 limit');
    expect(processesMentioning(rig.directory)).toEqual([]);
  });

  test('a program that ignores TERM is killed after its grace', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\ntrap "" TERM\nwhile :; do sleep 1; done\n');
    await rig.mlx('run', 'main.sh', '+mlx.grace=1', '--walltime', '1', '-q');
    expect(status(rig, 1)).toBe('TIMEOUT');
    expect(processesMentioning(rig.directory)).toEqual([]);
  });

  test('--dry-run prints plan, runs and one script, and writes nothing', async () => {
    const rig = makeRig({ PATH: process.env['PATH'] });
    rig.write('main.sh', printArgs);
    const { exitCode, stdout, stderr } = await rig.mlx('run', 'main.sh', 'lr=1,2', '--dry-run');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('2 runs on this machine');
    expect(stdout).toMatch(/ 2 {2}#1 {2}\S*bash main\.sh lr=2\n/);
    expect(stdout).toContain('[ "$MLX_SUPERVISOR" = "$PPID "');
    expect(rig.tree()).toEqual(['main.sh']);
  });

  test('--json tells every event as one object', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\nexit 4\n');
    const { stdout, stderr, exitCode } = await rig.mlx('run', 'main.sh', 'a=1', '--json');
    expect([stderr, exitCode]).toEqual(['', 1]);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(['launched', 'starting', 'ended']);
    expect(events[2]).toMatchObject({
      run: 1,
      point: 0,
      overrides: ['a=1'],
      status: 'FAILED',
      reason: 'exit code 4',
      exit_code: 4,
    });
  });

  test('the config beside the program is composed for each run, and reaches it as MLX_CONFIG', async () => {
    const rig = makeRig();
    rig.write('sub/main.sh', '#!/bin/bash\ncp "$MLX_CONFIG" "$MLX_LOG_DIR/seen"\n');
    rig.write('sub/configs/config.yaml', 'seed: 0\nopt:\n  lr: 0.1\n');
    await rig.mlx('run', 'sub/main.sh', 'opt.lr=1e-3,1e-2', '-q');
    expect(rig.read('logs/2/seen')).toBe('seed: 0\nopt:\n  lr: 0.01\n...\n');
    expect((await rig.mlx('run', 'sub/main.sh', 'new=1', '--no-config', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/3/seen')).toBe('new: 1\n...\n');
  });

  test('a bare command after -- is swept, with its words as they are', async () => {
    const rig = makeRig();
    rig.write('bin/prog', printArgs);
    const { exitCode } = await rig.mlx('run', 'seed=1,2', '-q', '--', './bin/prog', '--n', '1e3', '--', '-x');
    expect([exitCode, argvOf(rig, 2)]).toEqual([0, ['--n', '1e3', '--', '-x', 'seed=2']]);
  });

  test('forced_log_id continues in that directory as a new attempt', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "attempt $MLX_ATTEMPT $1"\n');
    await rig.mlx('run', 'main.sh', 'a=1', '-q');
    const { exitCode } = await rig.mlx('run', 'main.sh', 'a=2', '+mlx.logger.forced_log_id=1', '-q');
    expect(exitCode).toBe(0);
    expect(rig.read('logs/1/log.stdout')).toMatch(/^attempt 1 a=1\n--- attempt 2, \S+ on \S+ ---\nattempt 2 a=2\n$/);
    expect(rig.read('logs/1/metadata/config.yaml')).toBe('a: 2\n...\n');
    expect(await rig.mlx('run', 'main.sh', 'a=1,2', '--log-id', '1')).toMatchObject({ exitCode: 2 });
  });

  test('a script runs by hand too, as an attempt on record', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\necho "attempt $MLX_ATTEMPT"\n');
    await rig.mlx('run', 'main.sh', '-q');
    const { execa } = await import('execa');
    const { stdout } = await execa('bash', [join(rig.directory, 'logs/1/script.sh')], { cwd: '/', stdin: 'ignore' });
    expect(stdout).toBe('attempt 2');
    expect((await rig.mlx('show', '1')).stdout).toContain('by hand');
  });

  test('--scheduler takes an engine only where one stands', async () => {
    const rig = makeRig();
    rig.write('main.sh', printArgs);
    expect((await rig.mlx('run', '--scheduler', 'here', 'main.sh', 'a=1', '-q')).exitCode).toBe(0);
    expect(argvOf(rig, 1)).toEqual(['a=1']);
    expect((await rig.mlx('run', 'main.sh', '--scheduler=slrum')).stderr).toContain("did you mean 'slurm'?");
  });

  test('--scheduler on a machine without one says what was looked for', async () => {
    const rig = makeRig({ PATH: pathOf('bash') });
    rig.write('main.sh', printArgs);
    expect(await rig.mlx('run', '--scheduler', 'main.sh')).toEqual({
      stdout: '',
      exitCode: 3,
      stderr: `mlx: no engine is configured, and none was found on this machine: looked for sbatch, oarsub, qsub, bsub, msub
  name one with --scheduler ENGINE, or leave it out to run here
`,
    });
    expect(await rig.mlx('run', '--scheduler', 'slurm', 'main.sh')).toEqual({
      stdout: '',
      exitCode: 3,
      stderr: `mlx: Slurm is not on this machine: there is no 'sbatch' on PATH; nothing was submitted
  log in where jobs are submitted from, or leave out --scheduler to run on this machine
`,
    });
    expect((await rig.mlx('run', 'main.sh', '--nodes', '4')).stderr).toContain("'--nodes' is for jobs");
    expect(rig.tree()).toEqual(['main.sh']);
  });
});

describe('a launch that is interrupted', () => {
  const sleeper = `#!/bin/bash\ntouch "$MLX_LOG_DIR/ready"\nsleep 1000 & sleep 1000\n`;

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s once ends all its runs as STOPPED, leaves no process, exits with %i', async ([signal, code]) => {
    const rig = makeRig();
    rig.write('main.sh', sleeper);
    const child = rig.start(['run', 'main.sh', 'i=1,2,3', '-j', '2']);
    await waitUntil(() => [1, 2].every((id) => existsSync(join(rig.directory, `logs/${id}/ready`))), 'two runs');
    child.kill(signal);
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(code);
    expect(stderr).toContain(`stopping: interrupted by ${signal}`);
    expect(stderr).toContain('1 run was not started');
    expect([1, 2].map((id) => status(rig, id))).toEqual(['STOPPED', 'STOPPED']);
    expect(existsSync(join(rig.directory, 'logs/3'))).toBe(false);
    expect(processesMentioning(rig.directory)).toEqual([]);
  });

  test('twice kills at once what does not listen', async () => {
    const rig = makeRig();
    rig.write('main.sh', `#!/bin/bash\ntrap '' TERM\ntouch "$MLX_LOG_DIR/ready"\nwhile :; do sleep 0.1; done\n`);
    const child = rig.start(['run', 'main.sh', '+mlx.grace=1000']);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/ready')), 'the run');
    child.kill('SIGINT');
    await waitUntil(() => /verdict: STOPPED/.test(rig.read('logs/1/metadata/job.yaml')), 'the verdict');
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(130);
    expect(status(rig, 1)).toBe('STOPPED');
    expect(processesMentioning(rig.directory)).toEqual([]);
  });

  test('by kill -9 lets its runs end and write their own ends', async () => {
    const rig = makeRig();
    rig.write(
      'main.sh',
      `#!/bin/bash\ntouch "$MLX_LOG_DIR/ready"\nuntil [ -e "$MLX_LOG_DIR/go" ]; do sleep 0.05; done\n`,
    );
    const child = rig.start(['run', 'main.sh', 'i=1,2', '-j', '1']);
    await waitUntil(() => existsSync(join(rig.directory, 'logs/1/ready')), 'the run');
    child.kill('SIGKILL');
    await child;
    expect(JSON.parse((await rig.mlx('list', '--json')).stdout)).toMatchObject([{ run: 1, status: 'RUNNING' }]);
    rig.write('logs/1/go', '');
    await waitUntil(() => status(rig, 1) === 'COMPLETE', 'the end on record');
    expect(JSON.parse((await rig.mlx('list', '--json')).stdout)).toMatchObject([{ run: 1, status: 'COMPLETE' }]);
    await waitUntil(() => processesMentioning(rig.directory).length === 0, 'no process to be left');
  });
});

test('a run whose supervisor is killed is FAILED, and its body does not go on', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho $PPID > "$MLX_LOG_DIR/parent"\nsleep 1000\n');
  const child = rig.start(['run', 'main.sh', '-q']);
  const pid = await waitUntil(
    () =>
      /^pid: (\d+)/m.exec(
        existsSync(join(rig.directory, 'logs/1/parent')) ? rig.read('logs/1/metadata/attempts/1.yaml') : '',
      )?.[1],
    'the attempt',
  );
  process.kill(Number(pid), 'SIGKILL');
  expect((await child).exitCode).toBe(1);
  expect(JSON.parse((await rig.mlx('list', '--json')).stdout)).toMatchObject([{ run: 1, status: 'FAILED' }]);
  expect(status(rig, 1)).toBe('FAILED');
  expect(processesMentioning(rig.directory)).toEqual([]);
});

test('a store that is removed while it is used is told, not hidden', async () => {
  const rig = makeRig();
  rig.write(
    'main.sh',
    '#!/bin/bash\ntouch "$MLX_LOG_DIR/ready"\nuntil [ -e "$MLX_LOG_DIR/../../go" ]; do sleep 0.05; [ -e "$MLX_LOG_DIR" ] || exit 5; done\n',
  );
  const child = rig.start(['run', 'main.sh', 'i=1,2', '-j', '1']);
  await waitUntil(() => existsSync(join(rig.directory, 'logs/1/ready')), 'the run');
  // With retries, since the launcher may put a file into a directory that is just being emptied.
  rmSync(join(rig.directory, 'logs'), { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
  mkdirSync(join(rig.directory, 'logs'));
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^mlx: /m);
  expect(readFileSync(join(rig.directory, 'main.sh'), 'utf8')).toContain('ready');
});
