import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { newId } from './launch-directory.js';
import { storePaths } from './paths.js';

/**
 * Copies `run.sh` and the clients into the store, once for each version, so that every node finds them on the
 * shared disk for as long as the store lives. Returns their directory. Throws `store-unusable`.
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
    // Another launcher may have made it at the same time.
    if (!existsSync(target)) fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
  return target;
}
