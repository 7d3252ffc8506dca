import {
  chmodSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { errnoCode, ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { isGroupStore } from './group-store.js';
import { newId } from './launch-directory.js';
import { storePaths } from './paths.js';

/**
 * Copies `run.sh` and the clients into the store, once for each version, so that every node finds them on the
 * shared disk for as long as the store lives. Returns their directory. Somebody else may have put other files
 * there, so every launch compares them; if they differ, or are not this user's to trust, it makes a copy of
 * its own. Throws `store-unusable`.
 */
export function installRuntime(store: string, source: string, version: string): string {
  const usual = storePaths.runtime(store, version);
  const own = storePaths.runtime(store, `${version}-${process.getuid?.() ?? 'own'}`);
  for (const target of [usual, own, `${own}-${newId()}`]) {
    if (isSame(store, source, target) || (copyTo(store, source, target) && isSame(store, source, target)))
      return target;
  }
  return fail({ reason: 'store-unusable', path: usual, code: 'EEXIST' });
}

/** Returns whether a copy has the bytes of the source, and was made by somebody whom this user trusts. */
function isSame(store: string, source: string, target: string): boolean {
  try {
    const names = readdirSync(source);
    const stats = [target, ...names.map((name) => join(target, name))].map((path) => lstatSync(path));
    return (
      stats.every((stat, i) => (i === 0 ? stat.isDirectory() : stat.isFile()) && isTrusted(store, stat)) &&
      names.every((name) => readFileSync(join(target, name)).equals(readFileSync(join(source, name))))
    );
  } catch {
    return false;
  }
}

function isTrusted(store: string, { uid }: Stats): boolean {
  return uid === 0 || uid === process.getuid?.() || isGroupStore(store);
}

/** Makes a copy where there is nothing. Returns whether it did. Throws `store-unusable`. */
function copyTo(store: string, source: string, target: string): boolean {
  if (ifPresent(() => lstatSync(target))) return false;
  const temporary = `${target}.${newId()}.tmp`;
  try {
    cpSync(source, temporary, { recursive: true });
    // As anything that this user makes: the package's own modes are those of its installation.
    const mask = process.umask();
    chmodSync(temporary, (statSync(temporary).mode & 0o7000) | (0o777 & ~mask));
    for (const name of readdirSync(temporary))
      chmodSync(join(temporary, name), (name.endsWith('.sh') ? 0o777 : 0o666) & ~mask);
    renameSync(temporary, target);
    return true;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another launcher may have made it at the same time.
    if (ifPresent(() => lstatSync(target))) return true;
    return fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
}
