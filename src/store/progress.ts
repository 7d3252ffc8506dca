import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/** A program's own report of its progress. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Returns the program's last report, or undefined if it has reported nothing valid. */
export function readProgress(run: string): Progress | undefined {
  const text = ifPresent(() => readFileSync(runPaths.progress(run), 'utf8'));
  if (text === undefined) return undefined;
  try {
    const { done, total } = JSON.parse(text);
    return typeof done === 'number' && typeof total === 'number' ? { done, total } : undefined;
  } catch {
    return undefined;
  }
}
