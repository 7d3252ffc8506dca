import { existsSync, renameSync, rmSync } from 'node:fs';
import { runPaths } from '../store/index.js';

/** The logs of a run's attempts of before, out of the way of the next one. */
export interface OldLogs {
  /** Removes them; gives the paths that they had. */
  remove(): readonly string[];
  /** Puts them back, where nothing new stands in their place. */
  restore(): void;
}

/** Renames a run's logs, so that they are there until its next attempt is certain to come. */
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
