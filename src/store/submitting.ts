import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode, ifPresent, isTaken } from '../core/errno.js';
import { formatFlatRecord } from '../core/flat-record.js';
import { isAlive, type ProcessIdentity, thisProcess } from '../core/process.js';
import { readProcessIn } from './owners.js';
import { storePaths } from './paths.js';

/** The right to submit jobs of a launch, which one process has at a time. */
export interface Submitting {
  /** Shows other hosts that this process is still at it. */
  refresh(): void;
  release(): void;
}

/** Milliseconds after which a process of another host that has shown nothing is taken for gone. */
const silence = 600_000;

/**
 * Takes the right to submit jobs of a launch, so that two processes do not both find the same place free.
 * Returns who has it if another process does. Throws the system's error if the launch has no directory.
 */
export function claimSubmitting(store: string, launch: string): Submitting | { readonly holder: ProcessIdentity } {
  const path = join(storePaths.launch(store, launch), 'submitting');
  const { host, pid, start } = thisProcess();
  const own = `${path}.${host}.${pid}`;
  for (;;) {
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own);
    writeFileSync(join(own, 'process.yaml'), formatFlatRecord({ host, pid, process_start: start }));
    try {
      // A rename never replaces a directory that is not empty.
      renameSync(own, path);
      return {
        refresh: () => void ifPresent(() => utimesSync(path, new Date(), new Date())),
        release() {
          ifPresent(() => renameSync(path, own));
          rmSync(own, { recursive: true, force: true });
        },
      };
    } catch (error) {
      rmSync(own, { recursive: true, force: true });
      if (!isTaken(error)) throw error;
    }
    const holder = readProcessIn(path);
    if (!holder) continue;
    if (isAlive(holder) ?? !isSilent(path)) return { holder };
    try {
      // What it is renamed to stays, so that nobody who saw this holder can take it for a later one.
      renameSync(path, `${path}.${holder.host}.${holder.pid}.${holder.start}.gone`);
    } catch (error) {
      if (!isTaken(error) && errnoCode(error) !== 'ENOENT') throw error;
    }
  }
}

function isSilent(path: string): boolean {
  const changed = ifPresent(() => statSync(path))?.mtimeMs;
  return changed !== undefined && Date.now() - changed > silence;
}
