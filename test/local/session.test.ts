import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processStart, trySignal } from '../../src/core/process.js';
import { signalSupervisor } from '../../src/local/index.js';
import { killSession, sessionOf } from '../../src/local/session.js';
import { storeDirectory } from '../rig/launches.js';
import { waitUntil } from '../rig/rig.js';

/** Starts a program in a session of its own; all of it is gone at the test's end. */
function leader(command: string, args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(command, args, { detached: true, stdio: 'ignore' });
  onTestFinished(() => killSession(child.pid, 'SIGKILL'));
  return child as ChildProcess & { readonly pid: number };
}

const hasEnded = (pid: number) => processStart(pid) === undefined;
const noProcess = 2 ** 22 - 1;

describe('the session of a process', () => {
  test('is what ps says', () => {
    const told = execFileSync('ps', ['-o', 'sess=', '-p', String(process.pid)], { encoding: 'utf8' });
    expect(sessionOf(process.pid)).toBe(Number(told));
  });

  test('is its own if it leads one', () => {
    const { pid } = leader('sleep', ['600']);
    expect(sessionOf(pid)).toBe(pid);
  });

  test('is found whatever the name of its program is', async () => {
    const program = join(storeDirectory(), 'a) 1 (b');
    copyFileSync('/bin/sleep', program);
    const { pid } = leader(program, ['600']);
    await waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes('(a) 1 (b)'), 'it has its name');
    expect(sessionOf(pid)).toBe(pid);
  });

  test('is not known of a process that has ended', () => {
    expect(sessionOf(noProcess)).toBeUndefined();
  });
});

describe('killing a session', () => {
  /** A bash that has started processes in groups of their own, and the pids of all. */
  async function withChildren(): Promise<number[]> {
    const file = join(storeDirectory(), 'pids');
    const script = 'set -m; sleep 600 & (sleep 600 & echo $!; sleep 600) > "$1.inner" & jobs -p > "$1"; wait';
    const { pid } = leader('bash', ['-c', script, 'bash', file]);
    const pids = await waitUntil(() => {
      if (![file, `${file}.inner`].every(existsSync)) return undefined;
      const found = [file, `${file}.inner`].flatMap((one) => readFileSync(one, 'utf8').trim().split('\n').map(Number));
      return found.length === 3 && found.every(Boolean) ? found : undefined;
    }, 'all have started');
    return [pid, ...pids];
  }

  test('ends all its processes, those of other process groups too', async () => {
    const pids = await withChildren();
    expect(new Set(pids.map(sessionOf))).toEqual(new Set([pids[0]]));
    killSession(pids[0], 'SIGKILL');
    await waitUntil(() => pids.every(hasEnded), 'all have ended');
  });

  test('leaves other sessions alone', async () => {
    const other = leader('sleep', ['600']);
    const { pid } = leader('sleep', ['600']);
    killSession(pid, 'SIGKILL');
    await waitUntil(() => hasEnded(pid), 'it has ended');
    expect(hasEnded(other.pid)).toBe(false);
  });

  test('ends what is left of it when its leader is gone', async () => {
    const [pid = 0, ...others] = await withChildren();
    trySignal(pid, 'SIGKILL');
    await waitUntil(() => hasEnded(pid), 'the leader has ended');
    expect(others.map(hasEnded)).toEqual([false, false, false]);
    killSession(pid, 'SIGKILL');
    await waitUntil(() => others.every(hasEnded), 'the others have ended');
  });

  test('does nothing if there is none', () => {
    expect(() => killSession(undefined, 'SIGKILL')).not.toThrow();
    expect(() => killSession(noProcess, 'SIGKILL')).not.toThrow();
  });
});

test('a process that has ended is signalled in vain', () => {
  expect(() => trySignal(noProcess, 'SIGTERM')).not.toThrow();
});

test('a supervisor is asked to end with TERM', async () => {
  const child = leader('sleep', ['600']);
  const signal = new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  signalSupervisor(child.pid);
  expect(await signal).toBe('SIGTERM');
});
