import type { ConfigBase } from '../../config/index.js';
import { attempt, fail } from '../../failures/index.js';
import type { JobScript } from '../../script/index.js';
import type { Settings } from '../../settings/index.js';
import { isSweep } from '../../sweep/index.js';
import type { LaunchCode } from '../code/launch-code.js';
import type { BatchCommand } from './batch-commands.js';
import type { BatchScript } from './batch-script.js';
import { pointFailures } from './point-failures.js';
import {
  type ConfiguredPoint,
  configuredPoints,
  knownCount,
  type LaunchPoints,
  launchPoints,
  type PointsRequest,
} from './points.js';
import type { Program } from './program.js';
import { argvOf, type Reach, reachOf, stepReachesOf } from './program-arguments.js';

/** What one command is asked to do. `mlx run` has one, a batch script as many as it sweeps. */
export interface CommandRequest {
  readonly program: Program;
  readonly points: PointsRequest;
  readonly config: ConfigBase;
  readonly args: Pick<Reach, 'style' | 'preset'>;
  /** Where it stands in the launch's script; undefined where the program and its words are all there is. */
  readonly written: BatchCommand | undefined;
  /** The file that the program reads as its standard input; absolute. */
  readonly stdin?: string | undefined;
  /** The commands that one run is, one after the other; the program is then that of the last one. */
  readonly steps?: readonly Step[] | undefined;
}

/** One of the commands of a run. */
export interface Step {
  /** Letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  readonly program: Program;
}

/** What one run of a command starts, in order. */
export const programsOf = ({ program, steps = [] }: Pick<CommandRequest, 'program' | 'steps'>): readonly Program[] =>
  steps.length > 0 ? steps.map((step) => step.program) : [program];

/** What a launch is asked to do. */
export interface LaunchRequest {
  readonly cwd: string;
  readonly commands: readonly CommandRequest[];
  readonly settings: Settings;
  /** The batch script that the commands stand in. */
  readonly script: BatchScript | undefined;
  /** What its job does around the one command, of `mlx job`. */
  readonly job?: JobScript | undefined;
  /** The version of the code; undefined where runs use the files as they are. */
  readonly code: LaunchCode | undefined;
}

/** A command of a plan: checked, with its place among the launch's points. */
export interface PlannedCommand extends Omit<CommandRequest, 'points'> {
  readonly points: LaunchPoints;
  readonly reach: Reach;
  /** How the point reaches each of its steps; none where the program is all that it does. */
  readonly stepReaches: readonly Reach[];
  /** The number of its first point in the launch. */
  readonly first: number;
}

/** A launch that can be carried out: everything was checked, nothing was done. */
export interface Plan extends Omit<LaunchRequest, 'commands'> {
  readonly commands: readonly PlannedCommand[];
  readonly count: number;
}

/** One run of a plan, before it has an id; its point is numbered in the launch. */
export interface RunSpec extends ConfiguredPoint {
  readonly command: PlannedCommand;
}

/**
 * Checks a launch, each of its points included, and gives its plan; pure. Throws `empty-sweep`, `too-many-runs`,
 * `forced-id-many-runs`, the failures of `launchPoints`, `configuredPoints`, `reachOf` and `argvOf`.
 */
export function planLaunch(request: LaunchRequest): Plan {
  const { settings } = request;
  const { max_runs: limit, logger } = settings;
  const commands: PlannedCommand[] = [];
  let count = 0;
  let first = 0;
  for (const one of request.commands) {
    const command = { ...planCommand(one, limit), first };
    const { runs, points } = checkPoints(command, limit - count);
    if (runs > limit - count) fail({ reason: 'too-many-runs', count: undefined, limit });
    commands.push(command);
    count += runs;
    first += points;
  }
  if (logger.forced_log_id >= 0 && count !== 1) {
    fail({ reason: 'forced-id-many-runs', id: logger.forced_log_id, count });
  }
  return { ...request, commands, count };
}

function planCommand(request: CommandRequest, limit: number): Omit<PlannedCommand, 'first'> {
  const { config, program, args } = request;
  const points = launchPoints(request.points);
  const expected = knownCount(points);
  if (expected !== undefined && expected > limit) fail({ reason: 'too-many-runs', count: String(expected), limit });
  // Of the first point: which keys the command may name is the same for all that can be composed.
  const known = attempt(() => configuredPoints(points, config).next().value?.config) ?? new Map();
  const { steps = [] } = request;
  const stepReaches = stepReachesOf(
    steps.map((step) => step.program.argv),
    args,
    points.sweep,
    known,
  );
  const reach = stepReaches.at(-1) ?? reachOf({ argv: program.argv, ...args }, points.sweep, known);
  return { ...request, points, reach, stepReaches };
}

/** A mistake in the last point is to be found before the first one runs. Stops behind `most` points. */
function checkPoints(
  { points, config, reach, stepReaches }: PlannedCommand,
  most: number,
): { runs: number; points: number } {
  const place = { id: 0, directory: '/', store: '/' };
  let runs = 0;
  let last = -1;
  const failures = pointFailures();
  for (const spec of configuredPoints(points, config, failures.add)) {
    if (++runs > most) break;
    for (const one of stepReaches.length > 0 ? stepReaches : [reach]) {
      argvOf(one, spec.point.overrides, spec.config, place);
    }
    last = spec.point.index;
  }
  failures.refuse(runs);
  if (runs === 0) refuseEmpty(points);
  return { runs, points: last + 1 };
}

/** The runs of a plan in order, made one at a time. */
export function* planRuns({ commands }: Pick<Plan, 'commands'>): Generator<RunSpec> {
  for (const command of commands) {
    for (const { point, config } of configuredPoints(command.points, command.config)) {
      yield { point: { ...point, index: command.first + point.index }, config, command };
    }
  }
}

/** A sweep of nothing is a mistake, save where its points are there already. */
function refuseEmpty({ request, sweep }: LaunchPoints): void {
  if (request.skipped !== undefined && request.skipped.size > 0) return;
  const empty = sweep.axes.find(({ count }) => count === 0)?.positions[0];
  const override = empty === undefined ? undefined : sweep.overrides[empty];
  const span = override && isSweep(override.value) ? override.value.span : override?.span;
  fail({ reason: 'empty-sweep', span, of: override ? undefined : sweep.size });
}
