import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { newId } from './launch-directory.js';
import { storePaths } from './paths.js';

/**
 * Puts `run.sh` and the clients into the store, once per version: on the shared disk, where every node finds them, and
 * for as long as the store lives. Gives the directory. Throws `store-unusable`.
 */
export function installRuntime(store: string, source: string, version: string): string {
  const target = storePaths.runtime(store, version);
  if (existsSync(target)) return target;
  const temporary = `${target}.${newId()}.tmp`;
  try {
    cpSync(source, temporary, { recursive: true });
    for (const name of readdirSync(temporary)) if (name.endsWith('.sh')) chmodSync(join(temporary, name), 0o755);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another launcher was as quick.
    if (!existsSync(target)) fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
  return target;
}
