import { readFileSync } from 'node:fs';
import isEqual from 'lodash/isEqual.js';
import { isClosedRecord } from '../../core/flat-record.js';
import { listLaunches, readLaunchPoints, readRun, runPaths } from '../../store/index.js';
import { formatYamlRecord, parseYaml } from '../../values/index.js';
import { type RecordedLaunch, readableLaunch } from '../record/launch-record.js';
import { type Plan, planRuns, programsOf } from './plan.js';

/**
 * The numbers of a plan's points that a COMPLETE run covers already: one of the same command in the same working directory,
 * reached in the same way, with the same config. Each run covers one point, so that of a point that is asked for three times
 * and was run once, two are left.
 */
export async function coveredPoints(plan: Plan): Promise<Set<number>> {
  const configs = await completeConfigs(plan);
  const covered = new Set<number>();
  if (configs.size === 0) return covered;
  for (const { point, config } of planRuns(plan)) {
    const text = formatYamlRecord(config);
    const runs = configs.get(text) ?? 0;
    if (runs === 0) continue;
    configs.set(text, runs - 1);
    covered.add(point.index);
  }
  return covered;
}

/** How often each config was run to its end by the plan's command. */
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

/** A config as mlx writes it, also where the program has written it again in its own way, as MLXP does. */
function configText(path: string): string {
  const text = readFileSync(path, 'utf8');
  return isClosedRecord(text) ? text : formatYamlRecord(parseYaml({ name: path, text }).value);
}

function isSameCommand(plan: Plan, recorded: RecordedLaunch | undefined): boolean {
  const told = ({ commands, cwd }: Plan) => [
    cwd,
    commands.map((command) => [programsOf(command).map(({ argv }) => argv), command.args]),
  ];
  return recorded !== undefined && isEqual(told(plan), told(recorded.plan));
}
