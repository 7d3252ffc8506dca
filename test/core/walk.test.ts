import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type WalkedEntry, walk, walkSync } from '../../src/core/walk.js';
import { removeAfterTest } from '../rig/rig.js';

test('a walk comes to each entry once, the nearest first, and follows no link', async () => {
  const root = mkdtempSync(join(tmpdir(), 'mlx-walk-'));
  removeAfterTest(root);
  mkdirSync(join(root, 'a/b'), { recursive: true });
  writeFileSync(join(root, 'a/b/c'), '');
  for (const name of ['x', 'a/x', 'a/b/x']) symlinkSync(root, join(root, name));
  const found: WalkedEntry[] = [];
  for await (const entry of walk(root)) found.push(entry);
  const depths = found.map(({ path }) => path.split('/').length);
  expect(depths).toEqual([1, 1, 2, 2, 3, 3]);
  expect(new Set(found)).toEqual(
    new Set([
      { path: 'a', kind: 'directory' },
      { path: 'x', kind: 'link' },
      { path: 'a/b', kind: 'directory' },
      { path: 'a/x', kind: 'link' },
      { path: 'a/b/c', kind: 'file' },
      { path: 'a/b/x', kind: 'link' },
    ]),
  );
  expect([...walkSync(root)]).toEqual(found);
  expect([...walkSync(join(root, 'missing'))]).toEqual([]);
});
