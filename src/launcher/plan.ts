import type { ConfigBase, Settings } from '../config/index.js';
import { fail } from '../core/failure.js';
import { isSweep } from '../sweep/index.js';
import {
  type ConfiguredPoint,
  configuredPoints,
  knownCount,
  type LaunchPoints,
  launchPoints,
  type PointsRequest,
} from './points.js';
import type { Program } from './program.js';
import { argvOf, type Reach, reachOf } from './reach.js';

/** What a launch is asked to do. */
export interface LaunchRequest {
  readonly cwd: string;
  readonly program: Program;
  readonly points: PointsRequest;
  readonly config: ConfigBase;
  readonly settings: Settings;
  readonly args: Pick<Reach, 'style' | 'preset'>;
}

/** A launch that can be carried out: everything was checked, nothing was done. */
export interface Plan extends Omit<LaunchRequest, 'points'> {
  readonly points: LaunchPoints;
  readonly reach: Reach;
  readonly count: number;
}

/** One run of a plan, before it has an id. */
export type RunSpec = ConfiguredPoint;

/**
 * Checks a launch, each of its points included, and gives its plan; pure. Throws `empty-sweep`, `too-many-runs`,
 * `forced-id-many-runs`, the failures of `launchPoints`, `configuredPoints`, `reachOf` and `argvOf`.
 */
export function planLaunch(request: LaunchRequest): Plan {
  const { settings, config, program, args } = request;
  const { max_runs: limit, logger } = settings;
  const points = launchPoints(request.points);
  const expected = knownCount(points);
  if (expected !== undefined && expected > limit) fail({ reason: 'too-many-runs', count: String(expected), limit });
  const base = config.kind === 'file' ? config.mapping : new Map();
  const reach = reachOf({ argv: program.argv, ...args }, points.sweep, base);
  // A mistake in the last point is to be found before the first one runs.
  const place = { id: 0, directory: '/', store: '/' };
  let count = 0;
  for (const spec of configuredPoints(points, config)) {
    if (++count > limit) fail({ reason: 'too-many-runs', count: undefined, limit });
    argvOf(reach, spec.point.overrides, spec.config, place);
  }
  if (count === 0) refuseEmpty(points);
  if (logger.forced_log_id >= 0 && count !== 1) {
    fail({ reason: 'forced-id-many-runs', id: logger.forced_log_id, count });
  }
  return { ...request, points, reach, count };
}

/** The runs of a plan in order, made one at a time. */
export function planRuns({ points, config }: Pick<Plan, 'points' | 'config'>): Generator<RunSpec> {
  return configuredPoints(points, config);
}

/** A sweep of nothing is a mistake, save where its points are there already. */
function refuseEmpty({ request, sweep }: LaunchPoints): void {
  if (request.skipped !== undefined && request.skipped.size > 0) return;
  const empty = sweep.axes.find(({ count }) => count === 0)?.places[0];
  const override = empty === undefined ? undefined : sweep.overrides[empty];
  const span = override && isSweep(override.value) ? override.value.span : override?.span;
  fail({ reason: 'empty-sweep', span, of: override ? undefined : sweep.size });
}
