import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { plural } from '../../../core/words.js';
import {
  countPoints,
  existingPoints,
  type LaunchRequest,
  type Plan,
  planLaunch,
  planRuns,
  planTarget,
  withExported,
} from '../../../launch/index.js';
import { isSettingsOverride } from '../../../settings/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import { leafNames, missing, valueAt } from '../../../values/index.js';
import type { Io } from '../../grammar/command.js';
import { carryOutOrShow } from '../../launching/carry-out.js';
import { chooseEngine } from '../../launching/choose-engine.js';
import { launchSettings, settingsNotes } from '../../launching/launch-settings.js';
import { makeRequest, type RequestDirectory, requestHere, splitPositionals } from '../../launching/run-request.js';
import { writtenSteps } from '../../launching/run-steps.js';
import { waitingOf } from '../../launching/waiting.js';
import { refuseVersionOptions } from '../../options/version.js';
import type { RunOptions } from './spec.js';

/**
 * `mlx run`: checks everything, shows the plan, then carries it out; with `--dry-run` it only shows the plan.
 */
export async function run({ positionals, rest, options }: ParsedArgs<RunOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'quiet', 'json');
  refuseTogether(options, 'count', 'dryRun');
  refuseTogether(options, 'noConfig', 'configName');
  const steps = writtenSteps(options, io.cwd);
  const { program, overrideWords } = splitPositionals({ positionals, rest }, io.cwd, steps.length > 0);
  const overrides = overrideWords.map((word) => parseOverride(word));
  const found = await launchSettings(options, io.cwd, overrides);
  const chosen = await chooseEngine(options.scheduler, found, io);
  const waiting = () => waitingOf(options, { store: found.settings.logger.parent_log_dir, cwd: io.cwd });
  const { target, notes: planned } = await planTarget(options, { chosen, settings: found.settings, waiting });
  const settings = withExported(found.settings, options.export);
  if (!settings.use_version_manager) refuseVersionOptions(options);
  const parts = {
    inJob: target.kind === 'engine',
    program,
    rest: rest ?? [],
    steps,
    settings,
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
  };
  const { request, skipExisting, notes: requested } = await makeRequest(options, io, parts, requestHere(io.cwd));
  if (options.count && !skipExisting) {
    return showCount(
      request.commands.reduce((sum, command) => sum + countPoints(command), 0n),
      options,
      io,
    );
  }
  const { plan: made, covered } = await planUncovered(request, skipExisting);
  if (options.count) return showCount(BigInt(made.count), options, io);
  checkStoreWritable(settings.logger.parent_log_dir);
  if (made.count === 0) return showNothingLeft(covered, options, io);
  const notes = [
    ...settingsNotes(found.settingsFile),
    ...requested,
    ...missingNotes(made),
    ...planned,
    ...coveredNotes(covered),
  ];
  if (!settings.use_version_manager) return carryOutOrShow(made, { target, notes }, options, io);
  const { launchVersioned } = await import('../../launching/launch-versioned.js');
  const requestFrom = async (at: RequestDirectory) => (await makeRequest(options, io, parts, at)).request;
  const planOf = async (again: LaunchRequest) => (await planUncovered(again, skipExisting)).plan;
  return launchVersioned({ made, request, requestFrom, planOf, target, notes }, options, io, (plan, all) =>
    carryOutOrShow(plan, { target, notes: all }, options, io),
  );
}

/** Returns the plan of a launch, with `skipExisting` without the points that COMPLETE runs cover. */
async function planUncovered(
  request: LaunchRequest,
  skipExisting: boolean,
): Promise<{ readonly plan: Plan; readonly covered: number }> {
  if (!skipExisting) return { plan: planLaunch(request), covered: 0 };
  // The limit on the number of runs is for the points that are left.
  const { settings } = request;
  const whole = planLaunch({ ...request, settings: { ...settings, max_runs: Number.MAX_SAFE_INTEGER } });
  const skipped = await existingPoints(whole);
  const commands = request.commands.map((command) => ({ ...command, points: { ...command.points, skipped } }));
  return { plan: planLaunch({ ...request, commands }), covered: skipped.size };
}

/** Returns notes about mandatory values that are missing: the program fails when it reads them. */
function missingNotes(plan: Plan): string[] {
  const [first] = planRuns(plan);
  const names = first ? leafNames(first.config).filter((name) => valueAt(first.config, name) === missing) : [];
  return names.map((name) => `${name} has no value yet (${missing}): ${name}=VALUE gives one`);
}

function coveredNotes(covered: number): string[] {
  return covered === 0 ? [] : [`${plural(covered, 'point')} left out, since a COMPLETE run is there`];
}

function showNothingLeft(covered: number, options: RunOptions, io: Io): number {
  const text = options.json ? JSON.stringify({ runs: 0, covered }) : `nothing to run: ${coveredNotes(covered)[0]}`;
  io.stdout.write(`${text}\n`);
  return 0;
}

function showCount(count: bigint, options: RunOptions, io: Io): number {
  io.stdout.write(options.json ? `{"points":${count}}\n` : `${count}\n`);
  return 0;
}
