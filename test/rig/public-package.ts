import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const package_ = fileURLToPath(new URL('../..', import.meta.url));

/** For the tests of a file: a copy of the built package where every user may read it. Returns its directory. */
export function publicPackage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-shared-'));
  beforeAll(() => {
    chmodSync(directory, 0o755);
    for (const name of ['dist', 'configs', 'package.json'])
      cpSync(join(package_, name), join(directory, name), { recursive: true });
    symlinkSync(join(package_, 'node_modules'), join(directory, 'node_modules'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
