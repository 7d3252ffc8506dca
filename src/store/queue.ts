import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { storePaths } from './paths.js';

// Each run of the local queue has a file of its own there, which tells nothing but that it may have something left to do: what that
// is, the run's records tell. So any number of processes can add to the queue and work on it.

/** Puts a run into the queue; done before the run can be started, so that none is ever left out. */
export function enqueue(store: string, id: number): void {
  const directory = storePaths.queue(store);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, String(id)), '');
}

/** Takes a run out that has ended. */
export function leaveQueue(store: string, id: number): void {
  rmSync(join(storePaths.queue(store), String(id)), { force: true });
}

/** The runs that are in the queue, in order of submission. */
export function queuedIds(store: string): number[] {
  const names = ifPresent(() => readdirSync(storePaths.queue(store))) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Something that is another one whenever a run may have come into the queue. */
export function queueChanged(store: string): number {
  return ifPresent(() => statSync(storePaths.queue(store)))?.mtimeMs ?? 0;
}
