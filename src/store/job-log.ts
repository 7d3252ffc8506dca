import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { readLaunchPoints } from './launch-directory.js';
import { storePaths } from './paths.js';

/** Returns the file that names the launch of `mlx job` whose log has this path: `.mlx/job-logs/HASH`. */
const entry = (store: string, stem: string) =>
  join(storePaths.internal(store), 'job-logs', createHash('sha256').update(stem).digest('hex').slice(0, 16));

/**
 * Records that a launch writes its log, and files with other extensions, to this path. Throws the system's
 * error.
 */
export function claimJobLog(store: string, stem: string, launch: string): void {
  const path = entry(store, stem);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, `${launch}\n`);
}

/** Returns the run ids of the last launch that used this path for its log; [] if none did. */
export function runsOfJobLog(store: string, stem: string): number[] {
  const launch = ifPresent(() => readFileSync(entry(store, stem), 'utf8'))?.trim();
  return launch ? [...readLaunchPoints(store, launch).values()] : [];
}
