import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/** How far a program says that it is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What the program told last; undefined where it told nothing, or something else. */
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
