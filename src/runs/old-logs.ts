import { existsSync, renameSync, rmSync } from 'node:fs';
import { runPaths } from '../store/index.js';

/** The logs of a run's earlier attempts, moved aside. */
export interface OldLogs {
  /** Removes them. Returns the paths that they had before. */
  remove(): readonly string[];
  /** Moves them back, except where there is a new log. */
  restore(): void;
}

/** Renames a run's logs, so that they can be restored if its next attempt does not come about. */
export function setLogsAside(directory: string): OldLogs {
  let moved = [runPaths.stdout(directory), runPaths.stderr(directory)].filter((path) => existsSync(path));
  const aside = (path: string) => `${path}.old`;
  for (const path of moved) renameSync(path, aside(path));
  return {
    remove() {
      const removed = moved;
      moved = [];
      for (const path of removed) rmSync(aside(path), { force: true });
      return removed;
    },
    restore() {
      for (const path of moved) if (!existsSync(path)) renameSync(aside(path), path);
    },
  };
}
