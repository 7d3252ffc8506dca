import { applyOverrides, type ConfigBase, type Mapping, type Settings } from '../config/index.js';
import { fail } from '../core/failure.js';
import { type Point, points, type Sweep } from '../sweep/index.js';
import type { Program } from './program.js';
import { argvOf, type Reach, reachOf } from './reach.js';

/** What a launch is asked to do. */
export interface LaunchRequest {
  readonly cwd: string;
  readonly program: Program;
  readonly sweep: Sweep;
  readonly config: ConfigBase;
  readonly settings: Settings;
  readonly args: Pick<Reach, 'style' | 'preset'>;
}

/** A launch that can be carried out: everything was checked, nothing was done. */
export interface Plan extends LaunchRequest {
  readonly reach: Reach;
  readonly count: number;
}

/** One run of a plan, before it has an id. */
export interface RunSpec {
  readonly point: Point;
  readonly config: Mapping;
}

/**
 * Checks a launch, each of its points included, and gives its plan; pure. Throws `too-many-runs`,
 * `forced-id-many-runs`, the failures of `applyOverrides`, `reachOf` and `argvOf`.
 */
export function planLaunch(request: LaunchRequest): Plan {
  const { sweep, settings, config, program, args } = request;
  const { max_runs: limit, logger } = settings;
  if (sweep.count > limit) fail({ reason: 'too-many-runs', count: sweep.count, limit });
  if (logger.forced_log_id >= 0 && sweep.count !== 1) {
    fail({ reason: 'forced-id-many-runs', id: logger.forced_log_id, count: sweep.count });
  }
  const base = config.kind === 'file' ? config.mapping : new Map();
  const reach = reachOf({ argv: program.argv, ...args }, sweep, base);
  const plan = { ...request, reach, count: sweep.count };
  // A mistake in the last point is to be found before the first one runs.
  const place = { id: 0, directory: '/', store: '/' };
  for (const { point, config } of planRuns(plan)) argvOf(reach, point.overrides, config, place);
  return plan;
}

/** The runs of a plan in order, made one at a time. */
export function* planRuns({ sweep, config }: Pick<Plan, 'sweep' | 'config'>): Generator<RunSpec> {
  for (const point of points(sweep)) yield { point, config: applyOverrides(config, point.overrides) };
}
