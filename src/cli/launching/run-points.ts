import { resolve } from 'node:path';
import { type ConfigBase, type ConfigRequest, groupOptions } from '../../config/index.js';
import { displayPath } from '../../core/paths.js';
import type { PointsRequest } from '../../launch/index.js';
import { expandGlobs, type Override, readPointsFile, readSweepFile, type SweepFile } from '../../sweep/index.js';
import type { ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';

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

/** Which points the options and overrides of `mlx run` ask for; a sweep file goes before them, and they go over it;
 * files are named from `cwd`. */
export async function readPoints(
  parsed: ParsedArgs,
  overrides: readonly Override[],
  config: { readonly request: ConfigRequest; readonly base: ConfigBase },
  cwd: string,
): Promise<{ readonly points: PointsRequest; readonly skipExisting: boolean }> {
  refuseTogether(parsed, 'first', 'point');
  const named = (option: string) => {
    const path = parsed.text(option);
    return path === undefined ? undefined : resolve(cwd, path);
  };
  const sweepPath = named('sweep');
  const file = sweepPath === undefined ? noFile : readSweepFile(sweepPath, displayPath(sweepPath, cwd));
  const pointsPath = named('points') ?? file.points;
  const points = {
    overrides: expandGlobs([...file.overrides, ...overrides], (override) =>
      groupOptions(config.request, config.base, override),
    ),
    zip: [...file.zip, ...parsed.list('zip')].map((keys) => keys.split(',').map((key) => key.trim())),
    rows: pointsPath === undefined ? undefined : await readPointsFile(pointsPath, displayPath(pointsPath, cwd)),
    where: [...file.where, ...parsed.list('where')],
    sample: parsed.number('sample') ?? file.sample,
    seed: parsed.number('sample-seed') ?? file.seed ?? 0,
    repeat: parsed.number('repeat') ?? file.repeat ?? 1,
    only: parsed.has('first') ? 0 : parsed.number('point'),
  };
  return { points, skipExisting: parsed.has('skip-existing') || file.skipExisting };
}
