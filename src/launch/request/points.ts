import { resolve } from 'node:path';
import { refuseTogether } from '../../arguments/index.js';
import { type ConfigBase, type ConfigRequest, groupOptions } from '../../config/index.js';
import { displayPath } from '../../core/paths.js';
import { expandGlobs, type Override, readPointsFile, readSweepFile, type SweepFile } from '../../sweep/index.js';
import type { PointsRequest } from '../plan/points.js';
import type { SkipExisting } from '../plan/skip-existing.js';
import type { PointsOptions } from './options.js';

const noFile: SweepFile = {
  overrides: [],
  zip: [],
  where: [],
  sample: undefined,
  seed: undefined,
  repeat: undefined,
  skipExisting: false,
  steps: [],
  points: undefined,
};

/**
 * Returns the points that the options and overrides of `mlx run` ask for. They override the sweep file; its
 * overrides come first. Files are named from `cwd`. Throws `options-exclude`, and what reading the files
 * throws.
 */
export async function readPoints(
  options: PointsOptions,
  overrides: readonly Override[],
  config: { readonly request: ConfigRequest; readonly base: ConfigBase },
  cwd: string,
): Promise<{ readonly points: PointsRequest; readonly skipExisting: SkipExisting }> {
  refuseTogether(options, 'first', 'point');
  const named = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path));
  const sweepPath = named(options.sweep);
  const file = sweepPath === undefined ? noFile : readSweepFile(sweepPath, displayPath(sweepPath, cwd));
  const pointsPath = named(options.points) ?? file.points;
  const points = {
    overrides: expandGlobs([...file.overrides, ...overrides], (override) =>
      groupOptions(config.request, config.base, override),
    ),
    zip: [...file.zip, ...(options.zip ?? [])].map((keys) => keys.split(',').map((key) => key.trim())),
    rows: pointsPath === undefined ? undefined : await readPointsFile(pointsPath, displayPath(pointsPath, cwd)),
    where: [...file.where, ...(options.where ?? [])],
    sample: options.sample ?? file.sample,
    seed: options.sampleSeed ?? file.seed ?? 0,
    repeat: options.repeat ?? file.repeat ?? 1,
    only: options.first ? 0 : options.point,
  };
  return { points, skipExisting: options.skipExisting ?? file.skipExisting };
}
