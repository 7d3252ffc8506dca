import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifReadable } from '../core/errno.js';
import { runPaths } from './paths.js';

/** Lines of a metrics file that an attempt could not write, since the disk was full. */
export interface LostMetrics {
  /** `train` for `metrics/train.json`. */
  readonly log: string;
  readonly attempt: number;
  readonly lines: number;
}

/** Returns the lines of metrics that a run lost, as the clients noted them in the indexes of its keys. */
export function readLostMetrics(run: string): LostMetrics[] {
  const names = ifReadable(() => readdirSync(runPaths.metricKeys(run))) ?? [];
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const text = ifReadable(() => readFileSync(join(runPaths.metricKeys(run), name), 'utf8')) ?? '';
      const lost = new Map<number, number>();
      for (const [, lines, attempt] of text.matchAll(/^# lost: (\d+) of attempt (\d+)$/gm)) {
        lost.set(Number(attempt), (lost.get(Number(attempt)) ?? 0) + Number(lines));
      }
      return [...lost].map(([attempt, lines]) => ({ log: name.slice(0, -'.yaml'.length), attempt, lines }));
    });
}
