import type { ConfigBase } from '../../config/index.js';
import { attempt, fail } from '../../failures/index.js';
import type { JobScript } from '../../script/index.js';
import type { Settings } from '../../settings/index.js';
import { isSweep } from '../../sweep/index.js';
import type { LaunchCode } from '../code/launch-code.js';
import { type ArgvTemplate, argvOf, argvTemplateOf, stepTemplatesOf } from './argv.js';
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

/** A command to sweep. `mlx run` has one, a batch script one for each command that becomes runs. */
export interface CommandRequest {
  readonly program: Program;
  readonly points: PointsRequest;
  readonly config: ConfigBase;
  readonly args: Pick<ArgvTemplate, 'style' | 'preset'>;
  /** Its place in the launch's batch script; undefined without a script. */
  readonly written: BatchCommand | undefined;
  /** The absolute path of the file that the program reads as standard input. */
  readonly stdin?: string | undefined;
  /** The commands of one run, in order; `program` is then the program of the last one. */
  readonly steps?: readonly Step[] | undefined;
}

/** One of the commands of a run. */
export interface Step {
  /** Letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  readonly program: Program;
}

/** Returns the programs that one run of a command starts, in order. */
export const programsOf = ({ program, steps = [] }: Pick<CommandRequest, 'program' | 'steps'>): readonly Program[] =>
  steps.length > 0 ? steps.map((step) => step.program) : [program];

/** What a launch is asked to run. */
export interface LaunchRequest {
  readonly cwd: string;
  readonly commands: readonly CommandRequest[];
  readonly settings: Settings;
  /** The batch script that has the commands. */
  readonly script: BatchScript | undefined;
  /** What the job of `mlx job` does around its one command. */
  readonly job?: JobScript | undefined;
  /** The fixed version of the code; undefined if runs use the files as they are. */
  readonly code: LaunchCode | undefined;
}

/** A command of a plan: checked, with the numbers of its points in the launch. */
export interface PlannedCommand extends Omit<CommandRequest, 'points'> {
  readonly points: LaunchPoints;
  readonly template: ArgvTemplate;
  /** The argv templates of its steps; empty if there is only the program. */
  readonly stepTemplates: readonly ArgvTemplate[];
  /** The launch's number of its first point. */
  readonly first: number;
}

/** A launch that can be carried out: everything is checked, nothing is done. */
export interface Plan extends Omit<LaunchRequest, 'commands'> {
  readonly commands: readonly PlannedCommand[];
  readonly count: number;
  /** Set if points were left out because they exist: which ones, and the launches that were looked at. */
  readonly skipping?: { readonly mode: true | 'complete'; readonly seen: Set<string> };
}

/** One run of a plan, before it has an id. Its point has the launch's number. */
export interface RunSpec extends ConfiguredPoint {
  readonly command: PlannedCommand;
}

/**
 * Checks a launch, including each of its points, and returns its plan; writes nothing. Throws `empty-sweep`,
 * `too-many-runs`, `forced-id-many-runs`, and the failures of `launchPoints`, `configuredPoints`,
 * `argvTemplateOf` and `argvOf`.
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
  // The first point is enough: all configs that can be composed have the same keys.
  const known = attempt(() => configuredPoints(points, config).next().value?.config) ?? new Map();
  const { steps = [] } = request;
  const stepTemplates = stepTemplatesOf(
    steps.map((step) => step.program.argv),
    args,
    points.sweep,
    known,
  );
  const template = stepTemplates.at(-1) ?? argvTemplateOf({ argv: program.argv, ...args }, points.sweep, known);
  return { ...request, points, template, stepTemplates };
}

/**
 * Checks every point, so that a mistake in the last one is found before the first one runs. Stops after
 * `most` points.
 */
function checkPoints(
  { points, config, template, stepTemplates }: PlannedCommand,
  most: number,
): { runs: number; points: number } {
  const run = { id: 0, directory: '/', store: '/' };
  let runs = 0;
  let last = -1;
  const failures = pointFailures();
  for (const spec of configuredPoints(points, config, failures.add)) {
    if (++runs > most) break;
    for (const one of stepTemplates.length > 0 ? stepTemplates : [template]) {
      argvOf(one, spec.point.overrides, spec.config, run);
    }
    last = spec.point.index;
  }
  failures.refuse(runs);
  if (runs === 0) refuseEmpty(points);
  return { runs, points: last + 1 };
}

/** Generates the runs of a plan in order, one at a time. */
export function* planRuns({ commands }: Pick<Plan, 'commands'>): Generator<RunSpec> {
  for (const command of commands) {
    for (const { point, config } of configuredPoints(command.points, command.config)) {
      yield { point: { ...point, index: command.first + point.index }, config, command };
    }
  }
}

/** Refuses a sweep without points, unless they were all skipped because their runs exist. */
function refuseEmpty({ request, sweep }: LaunchPoints): void {
  if (request.skipped !== undefined && request.skipped.size > 0) return;
  const empty = sweep.axes.find(({ count }) => count === 0)?.positions[0];
  const override = empty === undefined ? undefined : sweep.overrides[empty];
  const span = override && isSweep(override.value) ? override.value.span : override?.span;
  fail({ reason: 'empty-sweep', span, of: override ? undefined : sweep.size });
}
