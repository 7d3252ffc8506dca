import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeRig, mlxBin, type Rig, soak, waitUntil } from '../rig/rig.js';
import { inTerminal, keys } from '../rig/terminal.js';

// In the long form: 2 GB without a newline, 2 million updates, 20 million lines.
const size = soak ? 1 : 0.05;

const programs: Readonly<Record<string, string>> = {
  'a line without an end': `#!/bin/sh\nhead -c ${2_000_000_000 * size} /dev/zero | tr '\\0' x\n`,
  'a progress bar': `#!/usr/bin/env python3
import sys
for i in range(${2_000_000 * size}):
    sys.stderr.write("\\r %d|${'#'.repeat(80)}" % i)
sys.stderr.write("\\n")
`,
  'short lines': `#!/usr/bin/env python3
import sys
for i in range(${2000 * size}):
    sys.stdout.write("".join("epoch %d\\n" % j for j in range(10000)))
`,
};

/** Runs mlx with its output in files. Resolves to its exit code and the most memory that it had, in MB. */
async function measured(rig: Rig, args: readonly string[]): Promise<{ exitCode: number | undefined; memory: number }> {
  const child = execa(process.execPath, [mlxBin, ...args], {
    cwd: rig.directory,
    env: { CI: 'true' },
    reject: false,
    stdin: 'ignore',
    stdout: { file: join(rig.directory, 'out') },
    stderr: { file: join(rig.directory, 'err') },
  });
  let memory = 0;
  const timer = setInterval(() => {
    const path = `/proc/${child.pid}/status`;
    const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
    memory = Math.max(memory, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000);
  }, 20);
  const { exitCode } = await child;
  clearInterval(timer);
  return { exitCode, memory: Math.round(memory) };
}

describe('a flood of output leaves the launcher as small as it was:', () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, { timeout: 300_000 }, async () => {
      const rig = makeRig();
      rig.write('flood', program);
      const launch = await measured(rig, ['run', 'x=1', '--', './flood']);
      expect(launch).toEqual({ exitCode: 0, memory: expect.any(Number) });
      expect(launch.memory).toBeLessThan(250);
      expect(rig.read('err')).toContain('1 complete');
      const logs = await measured(rig, ['logs', '1']);
      expect([logs.exitCode, logs.memory < 250]).toEqual([0, true]);
    });
  }

  test('of two runs, with --stream and with mlx logs', { timeout: 300_000 }, async () => {
    const rig = makeRig();
    rig.write('flood', programs['a line without an end'] ?? '');
    const launch = await measured(rig, ['run', 'x=1,2', '--stream', '-j', '2', '--', './flood']);
    expect(launch).toEqual({ exitCode: 0, memory: expect.any(Number) });
    expect(launch.memory).toBeLessThan(250);
    const bytes = [1, 2].map((id) => statSync(join(rig.directory, `logs/${id}/log.stdout`)).size);
    expect(bytes).toEqual([2_000_000_000 * size, 2_000_000_000 * size]);
    const logs = await measured(rig, ['logs', '1-2']);
    expect([logs.exitCode, logs.memory < 250]).toEqual([0, true]);
  });
});

const endless = '#!/usr/bin/env python3\nimport sys\nwhile True: sys.stdout.write("a line\\n" * 10000)\n';

test('Ctrl-C ends a flood of output, and what was not shown yet is named', async () => {
  const rig = makeRig();
  rig.write('flood', endless);
  // A slow reader, so that the launcher is behind.
  const child = execa('sh', ['-c', 'exec "$0" "$@" >out 2>err', process.execPath, mlxBin, 'run', '--', './flood'], {
    cwd: rig.directory,
    env: { CI: 'true' },
    reject: false,
    stdin: 'ignore',
  });
  const log = join(rig.directory, 'logs/1/log.stdout');
  await waitUntil(() => existsSync(log) && statSync(log).size > 50_000_000, 'a flood');
  child.kill('SIGINT');
  const { exitCode } = await child;
  expect([exitCode, rig.read('err')]).toEqual([130, expect.stringContaining('1 stopped')]);
  // Most of it was shown or skipped, not waited for: the program went on for a moment only.
  expect(statSync(log).size).toBeLessThan(2_000_000_000);
});

test('a reader that does not read holds up no run', async () => {
  const rig = makeRig();
  rig.write('say', `#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\n`);
  const child = spawn(process.execPath, [mlxBin, 'run', 'x=1,2,3', '-j', '1', '--', './say'], {
    cwd: rig.directory,
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const isComplete = () => existsSync(join(rig.directory, 'logs/3/metadata/attempts/1.end.yaml'));
  await waitUntil(isComplete, 'the end of the last run');
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(0);
  expect(read).toBeGreaterThan(3_000_000);
});

test('a terminal shows a progress bar below the lines of the runs', async () => {
  const rig = makeRig();
  rig.write(
    'bar',
    '#!/usr/bin/env python3\nimport sys, time\nprint("begin", flush=True)\nsys.stderr.write("\\r 1%\\r 42%")\nsys.stderr.flush()\ntime.sleep(600)\n',
  );
  for (const words of [['x=1'], ['x=1,2', '-j', '2', '--stream']]) {
    const { text, exitCode } = await inTerminal(
      rig,
      ['run', ...words, '--', './bar'],
      [
        ['begin', ''],
        ['42%', keys.ctrlC],
      ],
    );
    expect([exitCode, text]).toEqual([130, expect.stringMatching(/\[\d\] begin\n.*\[\d\] {2}42%/s)]);
    expect(text).not.toContain(' 1%');
  }
});
