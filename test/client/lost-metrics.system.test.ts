import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mlxBin } from '../rig/rig.js';

const lines = 30_000;
const programs = {
  // It ends while the disk is still full.
  'main.py': `import mlxrun
run = mlxrun.start()
for i in range(${lines}): run.log_metrics({"loss": i})
`,
  'main.mjs': `import { start } from 'mlx/client';
const run = start();
for (let i = 0; i < ${lines}; i++) run.logMetrics({ loss: i });
`,
  // It is killed.
  'killed.py': `import mlxrun, os
run = mlxrun.start()
for i in range(${lines}): run.log_metrics({"loss": i})
os.kill(os.getpid(), 9)
`,
  // There is room again, and keys that are new.
  'room.py': `import mlxrun, os
run = mlxrun.start()
open("filler", "w").close()
filler = os.open("filler", os.O_WRONLY)
try:
    while os.write(filler, b"x" * 4096): pass
except OSError: pass
for i in range(${lines}): run.log_metrics({"loss": i})
os.remove("filler")
os.close(filler)
run.log_metrics({"acc": 1})
`,
};

test.for(Object.keys(programs) as (keyof typeof programs)[])(
  '%s: lines of metrics that a full disk had no room for are counted',
  (name, context) => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-full-'));
    onTestFinished(() => {
      spawnSync('umount', [directory]);
      rmSync(directory, { recursive: true, force: true });
    });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=900k', 'tmpfs', directory]);
    if (mounted.status !== 0) return context.skip('a small disk can be mounted by root only');
    if (name === 'main.mjs') {
      mkdirSync(join(directory, 'node_modules'));
      const root = new URL('../..', import.meta.url).pathname;
      spawnSync('ln', ['-s', root, join(directory, 'node_modules/mlx')]);
    }
    writeFileSync(join(directory, name), programs[name]);
    const mlx = (...args: string[]) =>
      spawnSync(process.execPath, [mlxBin, ...args], { cwd: directory, encoding: 'utf8', timeout: 60_000 });
    mlx('run', '--no-config', name, 'x=1');
    spawnSync('mount', ['-o', 'remount,size=10m', directory]);

    const kept = readFileSync(join(directory, 'logs/1/metrics/train.json'), 'utf8').split('\n');
    const whole = kept.filter((line) => line.endsWith('}')).length;
    expect(whole).toBeGreaterThan(0);
    const lost = lines + (name === 'room.py' ? 1 : 0) - whole;
    const shown = JSON.parse(mlx('show', '1', '--json').stdout);
    if (name === 'killed.py') {
      expect(shown.lost_metrics).toEqual([{ log: 'train', attempt: 1, lines: expect.any(Number) }]);
      expect(shown.lost_metrics[0].lines).toBeGreaterThan(lost / 20);
      return;
    }
    expect(shown.lost_metrics).toEqual([{ log: 'train', attempt: 1, lines: lost }]);
    const text = `metrics/train.json lacks ${lost} lines that could not be written`;
    expect(mlx('show', '1').stdout).toContain(`lost metrics\n  ${text}  (of attempt 1)\n`);
    expect(mlx('query', '--select', 'run,train.loss').stderr).toContain(`warning: run 1: ${text}\n`);
    // Again, from the index.
    expect(mlx('query', '--select', 'run,train.loss').stderr).toContain(`warning: run 1: ${text}\n`);
    expect(mlx('query', '--attempts', 'all', '--select', 'run,train.loss').stderr).toContain(text);
    if (name === 'room.py') {
      const keys = readFileSync(join(directory, 'logs/1/metrics/.keys/train.yaml'), 'utf8');
      expect(keys).toBe(`acc: ''\n# lost: ${lost} of attempt 1\n`);
    }
  },
);
