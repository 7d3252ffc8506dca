import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const mlx = fileURLToPath(new URL('../dist/cli/mlx.cjs', import.meta.url));
export const root = fileURLToPath(new URL('..', import.meta.url));

const directories = [];

/**
 * A new empty directory. It is removed only when the bench ends: ext4 is slow to make files for some seconds after many
 * were removed, which would be counted against whatever comes next.
 */
export function freshDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-bench-'));
  directories.push(directory);
  return directory;
}

process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** Runs a command; gives milliseconds and the peak memory of its first process in MB. */
export async function run(argv, options = {}) {
  const begin = performance.now();
  const child = spawn(argv[0], argv.slice(1), { stdio: 'ignore', ...options });
  let peak = 0;
  const poll =
    options.memory &&
    setInterval(() => {
      peak = Math.max(peak, peakMegabytes(child.pid));
    }, 20);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(poll);
  if (code !== 0) throw new Error(`${argv.slice(0, 4).join(' ')} ended with ${code}`);
  return { milliseconds: performance.now() - begin, peak };
}

function peakMegabytes(pid) {
  try {
    // What has ended, and was not waited for yet, tells no memory.
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs each command `times` times in turn; gives the median milliseconds of each. */
export async function interleaved(commands, times) {
  const results = commands.map(() => []);
  for (let i = 0; i < times; i++) {
    for (const [k, command] of commands.entries()) results[k].push(await command());
  }
  return results.map(median);
}

export const times = (a, b) => `${(a / b).toFixed(2)} ×`;
