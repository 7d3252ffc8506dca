import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { storePaths } from './paths.js';

// The local queue has an empty file for each run that may have something left to do. The run's records say
// what that is. So any number of processes can add to the queue and work on it.

/** Adds a run to the queue. Call it before the run can start, so that no run is ever missed. */
export function enqueue(store: string, id: number): void {
  const directory = storePaths.queue(store);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, String(id)), '');
}

/** Removes an ended run from the queue. */
export function leaveQueue(store: string, id: number): void {
  rmSync(join(storePaths.queue(store), String(id)), { force: true });
}

/** Returns the ids of the runs in the queue, in order of submission. */
export function queuedIds(store: string): number[] {
  const names = ifPresent(() => readdirSync(storePaths.queue(store))) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
