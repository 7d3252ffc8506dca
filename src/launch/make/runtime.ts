import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from '../../core/package-directory.js';
import { installRuntime, storePaths } from '../../store/index.js';

const shipped = () => join(packageDirectory(), 'dist', 'runtime');
const shippedVersion = () => readFileSync(join(shipped(), 'VERSION'), 'utf8').trim();

/** Where the runtime of this version is in a store, or would be. */
export function runtimeIn(store: string): string {
  return storePaths.runtime(store, shippedVersion());
}

/** `runtimeIn`, put there where it is missing. Throws `store-unusable`. */
export function installedRuntime(store: string): string {
  return installRuntime(store, shipped(), shippedVersion());
}

/** The `run.sh` of a runtime. */
export function supervisorIn(runtime: string): string {
  return join(runtime, 'run.sh');
}
