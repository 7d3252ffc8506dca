import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { readLaunchPoints } from './launch-directory.js';
import { storePaths } from './paths.js';

/** Which launch of `mlx job` writes to a log of this name: `.mlx/job-logs/HASH`, with the launch's id in it. */
const entry = (store: string, stem: string) =>
  join(storePaths.internal(store), 'job-logs', createHash('sha256').update(stem).digest('hex').slice(0, 16));

/** Puts on record that a launch's log, and files of the same name with other endings, are at this path. */
export function claimJobLog(store: string, stem: string, launch: string): void {
  const path = entry(store, stem);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, `${launch}\n`);
}

/** The runs whose log is at this path, those of the last launch that used it. */
export function runsOfJobLog(store: string, stem: string): number[] {
  const launch = ifPresent(() => readFileSync(entry(store, stem), 'utf8'))?.trim();
  return launch ? [...readLaunchPoints(store, launch).values()] : [];
}
