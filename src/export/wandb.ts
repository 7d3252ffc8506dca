import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { plainJson } from '../expression/index.js';
import type { ExportedRun } from './exported-run.js';

/**
 * Writes a run as a JSON file with the arguments of `wandb.init` and `wandb.log`: `id`, `name`, `config`, and
 * `history`, whose rows have a `_step`. W&B cannot import files; docs/reading.md shows the Python that logs
 * these.
 */
export function writeWandb(run: ExportedRun, directory: string): void {
  const history = new Map<number, Record<string, unknown>>();
  for (const { log, key, points } of run.series) {
    for (const { step, value } of points) {
      const row = history.get(step) ?? { _step: step };
      history.set(step, row);
      row[`${log}/${key}`] = plainJson(value);
    }
  }
  const rows = [...history].sort(([a], [b]) => a - b).map(([, row]) => row);
  const content = {
    id: `mlx-${run.id}`,
    name: run.name,
    state: run.status,
    started: new Date(run.start).toISOString(),
    config: Object.fromEntries([...run.config].map(([key, value]) => [key, plainJson(value)])),
    history: rows,
    summary: Object.fromEntries(
      run.series.map(({ log, key, points }) => [`${log}/${key}`, plainJson(points.at(-1)?.value)]),
    ),
  };
  mkdirSync(directory, { recursive: true });
  writeFileAtomic(join(directory, `run-${run.id}.json`), `${JSON.stringify(content)}\n`);
}
