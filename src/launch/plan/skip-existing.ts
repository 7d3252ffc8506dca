import { readFileSync } from 'node:fs';
import isEqual from 'lodash/isEqual.js';
import { isClosedRecord } from '../../core/flat-record.js';
import { listLaunches, readLaunchPoints, readRun, runPaths } from '../../store/index.js';
import { formatYamlRecord, parseYaml } from '../../values/index.js';
import { type RecordedLaunch, readableLaunch } from '../record/launch-record.js';
import { type LaunchRequest, type Plan, planLaunch, planRuns, programsOf } from './plan.js';

/** A plan, and how many of its points were left out because a COMPLETE run exists. */
export interface PlanWithoutExisting {
  readonly plan: Plan;
  readonly existing: number;
}

/**
 * Plans a launch, with `skipExisting` without the points that have a COMPLETE run: `--skip-existing`. Throws
 * what `planLaunch` throws.
 */
export async function planWithoutExisting(request: LaunchRequest, skipExisting: boolean): Promise<PlanWithoutExisting> {
  if (!skipExisting) return { plan: planLaunch(request), existing: 0 };
  // The limit on the number of runs is for the points that are left.
  const { settings } = request;
  const whole = planLaunch({ ...request, settings: { ...settings, max_runs: Number.MAX_SAFE_INTEGER } });
  const skipped = await existingPoints(whole);
  const commands = request.commands.map((command) => ({ ...command, points: { ...command.points, skipped } }));
  return { plan: planLaunch({ ...request, commands }), existing: skipped.size };
}

/**
 * Returns the numbers of a plan's points that have a COMPLETE run already: a run of the same command in the
 * same working directory, with the same arguments style and the same config. Each run stands for one point,
 * so that of a point that is asked for three times and was run once, two are left.
 */
export async function existingPoints(plan: Plan): Promise<Set<number>> {
  const configs = await completeConfigs(plan);
  const existing = new Set<number>();
  if (configs.size === 0) return existing;
  for (const { point, config } of planRuns(plan)) {
    const text = formatYamlRecord(config);
    const runs = configs.get(text) ?? 0;
    if (runs === 0) continue;
    configs.set(text, runs - 1);
    existing.add(point.index);
  }
  return existing;
}

/** Counts for each config how many runs of the plan's command are COMPLETE. */
async function completeConfigs(plan: Plan): Promise<Map<string, number>> {
  const store = plan.settings.logger.parent_log_dir;
  const configs = new Map<string, number>();
  for (const { launch } of listLaunches(store)) {
    if (!isSameCommand(plan, await readableLaunch(store, launch))) continue;
    for (const id of readLaunchPoints(store, launch).values()) {
      const run = readRun(store, id);
      if (run?.kind !== 'run' || run.status.status !== 'COMPLETE') continue;
      const text = configText(runPaths.config(run.directory));
      configs.set(text, (configs.get(text) ?? 0) + 1);
    }
  }
  return configs;
}

/** Returns a config as mlx writes it, even if the program has rewritten the file, as MLXP does. */
function configText(path: string): string {
  const text = readFileSync(path, 'utf8');
  return isClosedRecord(text) ? text : formatYamlRecord(parseYaml({ name: path, text }).value);
}

function isSameCommand(plan: Plan, recorded: RecordedLaunch | undefined): boolean {
  const identityOf = ({ commands, cwd }: Plan) => [
    cwd,
    commands.map((command) => [programsOf(command).map(({ argv }) => argv), command.args]),
  ];
  return recorded !== undefined && isEqual(identityOf(plan), identityOf(recorded.plan));
}
