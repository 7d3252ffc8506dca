import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startHere } from '../../src/launch/index.js';
import { limitMemory } from '../../src/local/memory-limit.js';
import { memoryOf } from '../../src/local/memory-watch.js';
import { killSession } from '../../src/local/session.js';
import { eventsOf, hereTarget, inWords, runAt, shPlan, storeDirectory, testOrigin } from '../rig/launches.js';
import { waitUntil } from '../rig/rig.js';

const mib = 2 ** 20;
let count = 0;
const newName = () => `test-${process.pid}-${count++}`;

/** A program that takes memory and writes to all of it. */
const takes = (mebibytes: number) => `python3 -c 'block = b"x" * (${mebibytes} << 20); print(len(block))'`;

async function endOf(script: string, memPerRun: number | undefined) {
  const directory = storeDirectory();
  const events = await eventsOf(startHere(shPlan(directory, script), hereTarget({ memPerRun }), testOrigin));
  return { end: inWords(events.at(-1)!), run: runAt(join(directory, 'logs'), 1) };
}

describe('a run with a memory limit', () => {
  test('fails if it needs more', async () => {
    expect((await endOf(takes(512), 128 * mib)).end).toBe('ended 1 FAILED');
  });

  test('is not bothered if it needs less', async () => {
    expect((await endOf(takes(32), 512 * mib)).end).toBe('ended 1 COMPLETE');
  });

  test('fails alone: a run without one gets what it needs', async () => {
    expect((await endOf(takes(256), undefined)).end).toBe('ended 1 COMPLETE');
  });
});

describe('a limit', () => {
  test('is a control group with this limit, or RLIMIT_DATA in kibibytes', () => {
    const limit = limitMemory(64 * mib, newName());
    onTestFinished(() => limit.release());
    const [, kind, value = ''] = /^(cgroup|data) (.*)$/.exec(limit.word) ?? [];
    if (kind === 'data') {
      expect(value).toBe(String(64 * 1024));
    } else {
      const files = ['memory.max', 'memory.limit_in_bytes'].map((file) => join(value, file));
      expect(files.filter(existsSync).map((file) => readFileSync(file, 'utf8'))).toEqual([`${64 * mib}\n`]);
    }
  });

  test('leaves no control group when it is released', () => {
    const limit = limitMemory(64 * mib, newName());
    const group = limit.word.replace(/^cgroup /, '');
    limit.release();
    expect(existsSync(group)).toBe(false);
  });

  test('can be released twice', () => {
    const limit = limitMemory(64 * mib, newName());
    limit.release();
    expect(() => limit.release()).not.toThrow();
  });

  test('shares its control group with no other of the same name', () => {
    const name = newName();
    const [one, other] = [limitMemory(64 * mib, name), limitMemory(32 * mib, name)];
    onTestFinished(() => {
      one.release();
      other.release();
    });
    expect(other.word).not.toBe(one.word);
  });

  test('is rounded down to whole kibibytes where it is RLIMIT_DATA', () => {
    // No control group can have such a name.
    expect(limitMemory(2 * 1024 + 1023, 'a/b').word).toBe('data 2');
  });
});

describe('the memory of what a process has started', () => {
  /** A shell that runs a script and has a session of its own. */
  function shell(script: string): number {
    const child = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
    onTestFinished(() => killSession(child.pid, 'SIGKILL'));
    return child.pid!;
  }
  const holds = (mebibytes: number) => `python3 -c 'import time; block = b"x" * (${mebibytes} << 20); time.sleep(600)'`;

  test('is that of all its processes together', async () => {
    const pid = shell(`(${holds(60)}; :) & ${holds(60)}; :`);
    await waitUntil(() => (memoryOf(pid) ?? 0) > 120 * mib, 'both have taken their memory');
    expect(memoryOf(pid)).toBeLessThan(400 * mib);
  });

  test('is at least the peak of the largest, even if it uses less now', async () => {
    const script = 'import time; block = b"x" * (100 << 20); del block; time.sleep(600)';
    const pid = shell(`python3 -c '${script}'; :`);
    await waitUntil(() => (memoryOf(pid) ?? 0) > 100 * mib, 'it has taken its memory');
  });

  test('does not count the process itself', async () => {
    const child = spawn(
      'python3',
      ['-c', 'import time; block = b"x" * (60 << 20); print("up", flush=True); time.sleep(600)'],
      {
        detached: true,
      },
    );
    onTestFinished(() => killSession(child.pid, 'SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(memoryOf(child.pid!)).toBeUndefined();
  });

  test('is not known of a process that has ended', () => {
    expect(memoryOf(2 ** 22 - 1)).toBeUndefined();
  });
});
