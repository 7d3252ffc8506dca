import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa, type ResultPromise } from 'execa';
import { onTestFinished } from 'vitest';

/** The built command line; tests run what users run. */
export const mlxBin = fileURLToPath(new URL('../../dist/cli/mlx.cjs', import.meta.url));

export interface MlxResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** A project in a directory whose path holds what breaks careless quoting. */
export interface Rig {
  readonly directory: string;
  /** Writes a file; one that begins with `#!` becomes executable. */
  write(path: string, text: string): string;
  read(path: string): string;
  /** Every file and directory below a path, sorted; directories end in `/`. */
  tree(path?: string): string[];
  mlx(...args: string[]): Promise<MlxResult>;
  /** Starts mlx without waiting for it. */
  start(args: readonly string[], env?: NodeJS.ProcessEnv, nodeArgs?: readonly string[]): ResultPromise;
}

/** `onTestFinished` of a test, or `afterAll` of several. */
export type WhenFinished = (then: () => Promise<void>, timeout: number) => void;

/**
 * Removes a directory at the test's end: processes and jobs of the test that just end may still write there for a while. Tests that go on at
 * the same time have a `whenFinished` each.
 */
export function removeAfterTest(directory: string, whenFinished: WhenFinished = onTestFinished): void {
  whenFinished(async () => {
    for (const end = Date.now() + 30_000; ; await sleep(200)) {
      try {
        rmSync(directory, { recursive: true, force: true });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }, 40_000);
}

export function makeRig(env: NodeJS.ProcessEnv = {}, whenFinished: WhenFinished = onTestFinished): Rig {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mlx-test-')));
  const directory = join(parent, "it's a; project");
  mkdirSync(directory);
  removeAfterTest(parent, whenFinished);
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}, nodeArgs: readonly string[] = []) =>
    execa(process.execPath, [...nodeArgs, mlxBin, ...args], {
      cwd: directory,
      env: { CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined, ...env, ...more },
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
    });
  return {
    directory,
    write(path, text) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      if (text.startsWith('#!')) chmodSync(file, 0o755);
      return file;
    },
    read: (path) => readFileSync(join(directory, path), 'utf8'),
    tree(path = '.') {
      const entries = readdirSync(join(directory, path), { recursive: true, withFileTypes: true });
      return entries
        .map((entry) => {
          const name = join(entry.parentPath, entry.name).slice(join(directory, path).length + 1);
          return entry.isDirectory() ? `${name}/` : name;
        })
        .sort();
    },
    async mlx(...args) {
      const { stdout, stderr, exitCode } = await start(args);
      return { stdout, stderr, exitCode } as MlxResult;
    },
    start: start as Rig['start'],
  };
}

/** A PATH on which there are these commands and no others. */
export function pathOf(...commands: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-path-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const command of commands) {
    const found = (process.env['PATH'] ?? '').split(':').find((one) => existsSync(join(one, command)));
    if (found !== undefined) symlinkSync(join(found, command), join(directory, command));
  }
  return directory;
}

/** Whether the long forms of the tests of faults are asked for (`npm run test:soak`). */
export const soak = process.env['MLX_SOAK'] === '1';

const faults = fileURLToPath(new URL('./faults.cjs', import.meta.url));

/** What goes wrong in a mlx, see faults.cjs. */
export interface Fault {
  /** `kill`, `torn`, or an errno such as `ENOSPC`. */
  readonly kind: string;
  /** At which call, from 1. */
  readonly at: number;
  readonly forever?: boolean;
}

/** Runs mlx with a fault; `reached` is false where it ended before the call came. */
export async function mlxWithFault(
  rig: Rig,
  fault: Fault,
  args: readonly string[],
): Promise<MlxResult & { readonly reached: boolean; readonly signal: string | undefined }> {
  const countFile = join(dirname(rig.directory), 'count');
  rmSync(countFile, { force: true });
  const env = {
    MLX_FAULT_ROOT: rig.directory,
    MLX_FAULT_KIND: fault.kind,
    MLX_FAULT_AT: String(fault.at),
    MLX_FAULT_FOREVER: fault.forever ? '1' : undefined,
    MLX_FAULT_COUNT: countFile,
  };
  const { stdout, stderr, exitCode, signal } = await rig.start(args, env, ['--require', faults]);
  const reached = !existsSync(countFile) || Number(readFileSync(countFile, 'utf8')) >= fault.at;
  return { stdout: String(stdout), stderr: String(stderr), exitCode, signal, reached };
}

/** Waits until a condition holds; fails with what it explains when it does not within the deadline. */
export async function waitUntil<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  deadlineMilliseconds = 20_000,
): Promise<T> {
  const end = Date.now() + deadlineMilliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${deadlineMilliseconds} ms in vain: ${what}`);
    await sleep(20);
  }
}

/** The pids of processes whose environment or command line mentions a text: who is left over. */
export function processesMentioning(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readQuietly(`/proc/${pid}/${file}`).includes(text)))
    .map(Number);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
