import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { thisProcess } from '../../src/core/process.js';
import { claimSubmitting, storePaths } from '../../src/store/index.js';

/** A store with a launch that some process submits jobs of. */
function storeWith(holder?: { readonly host: string; readonly pid: number; readonly start: string }) {
  const store = mkdtempSync(join(tmpdir(), 'mlx-submitting-'));
  onTestFinished(() => rmSync(store, { recursive: true, force: true }));
  const directory = storePaths.launch(store, 'one');
  mkdirSync(directory, { recursive: true });
  if (holder) {
    const { host, pid, start } = holder;
    mkdirSync(join(directory, 'submitting'));
    writeFileSync(
      join(directory, 'submitting', 'process.yaml'),
      `host: ${host}\npid: ${pid}\nprocess_start: ${start}\n...\n`,
    );
  }
  return { store, directory };
}

describe('the right to submit jobs of a launch', () => {
  test('is one process after the other', () => {
    const { store, directory } = storeWith();
    const first = claimSubmitting(store, 'one');
    expect(claimSubmitting(store, 'one')).toEqual({ holder: thisProcess() });
    if ('holder' in first) throw new Error('not claimed');
    first.refresh();
    first.release();
    expect(readdirSync(directory)).toEqual([]);
    expect(claimSubmitting(store, 'one')).not.toHaveProperty('holder');
  });

  test('is taken from a process that is gone', () => {
    const { store } = storeWith({ ...thisProcess(), start: 'of-a-boot-before.1' });
    expect(claimSubmitting(store, 'one')).not.toHaveProperty('holder');
  });

  test('is taken from another host only after a long silence', () => {
    const { store, directory } = storeWith({ host: 'elsewhere', pid: 7, start: 'boot.1' });
    expect(claimSubmitting(store, 'one')).toEqual({ holder: { host: 'elsewhere', pid: 7, start: 'boot.1' } });
    const then = new Date(Date.now() - 3_600_000);
    utimesSync(join(directory, 'submitting'), then, then);
    expect(claimSubmitting(store, 'one')).not.toHaveProperty('holder');
  });
});
