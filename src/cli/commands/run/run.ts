import { plural } from '../../../core/words.js';
import {
  countPoints,
  existingPoints,
  type LaunchRequest,
  type Plan,
  planLaunch,
  planRuns,
} from '../../../launch/index.js';
import { isSettingsOverride } from '../../../settings/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import { leafNames, missing, valueAt } from '../../../values/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { chooseEngine } from '../../launching/choose-engine.js';
import { makeRequest, placeHere, type RequestPlace, splitPositionals } from '../../launching/run-request.js';
import { writtenSteps } from '../../launching/written-steps.js';
import { planTarget } from '../../options/engine-options.js';
import { carryOutOrShow, launchSettings, refuseVersionOptions, settingsNotes } from '../../options/launch-options.js';

/** `mlx run`: checks everything, shows the plan, then runs it here; with `--dry-run` shows it only. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'quiet', 'json');
  refuseTogether(parsed, 'count', 'dry-run');
  refuseTogether(parsed, 'no-config', 'config-name');
  const steps = writtenSteps(parsed, io.cwd);
  const { program, overrideWords } = splitPositionals(parsed, io.cwd, steps.length > 0);
  const overrides = overrideWords.map((word) => parseOverride(word));
  const { settings, settingsFile } = await launchSettings(parsed, io, overrides);
  const chosen = await chooseEngine(parsed, settings, settingsFile, io);
  const { target, notes: planned } = await planTarget(chosen, settings, parsed, io);
  if (!settings.use_version_manager) refuseVersionOptions(parsed);
  const parts = {
    inJob: target.kind === 'engine',
    program,
    steps,
    settings,
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
  };
  const { request, skipExisting, notes: found } = await makeRequest(parsed, io, parts, placeHere(io.cwd));
  if (parsed.has('count') && !skipExisting) {
    return showCount(
      request.commands.reduce((sum, command) => sum + countPoints(command), 0n),
      parsed,
      io,
    );
  }
  const { plan: made, covered } = await planUncovered(request, skipExisting);
  if (parsed.has('count')) return showCount(BigInt(made.count), parsed, io);
  checkStoreWritable(settings.logger.parent_log_dir);
  if (made.count === 0) return showNothingLeft(covered, parsed, io);
  const notes = [...settingsNotes(settingsFile), ...found, ...missingNotes(made), ...planned, ...coveredNotes(covered)];
  if (!settings.use_version_manager) return carryOutOrShow(made, { target, notes }, parsed, io);
  const { launchVersioned } = await import('../../launching/launch-versioned.js');
  const requestFrom = async (place: RequestPlace) => (await makeRequest(parsed, io, parts, place)).request;
  const planOf = async (again: LaunchRequest) => (await planUncovered(again, skipExisting)).plan;
  return launchVersioned({ made, request, requestFrom, planOf, target, notes }, parsed, io, (plan, all) =>
    carryOutOrShow(plan, { target, notes: all }, parsed, io),
  );
}

/** The plan of a launch; on request without the points that were run before. */
async function planUncovered(
  request: LaunchRequest,
  skipExisting: boolean,
): Promise<{ readonly plan: Plan; readonly covered: number }> {
  if (!skipExisting) return { plan: planLaunch(request), covered: 0 };
  // What is left may be few enough, so that the limit is for that.
  const { settings } = request;
  const whole = planLaunch({ ...request, settings: { ...settings, max_runs: Number.MAX_SAFE_INTEGER } });
  const skipped = await existingPoints(whole);
  const commands = request.commands.map((command) => ({ ...command, points: { ...command.points, skipped } }));
  return { plan: planLaunch({ ...request, commands }), covered: skipped.size };
}

/** The values that are still to be given, which the program stumbles over if it reads them. */
function missingNotes(plan: Plan): string[] {
  const [first] = planRuns(plan);
  const names = first ? leafNames(first.config).filter((name) => valueAt(first.config, name) === missing) : [];
  return names.map((name) => `${name} has no value yet (${missing}): ${name}=VALUE gives one`);
}

function coveredNotes(covered: number): string[] {
  return covered === 0 ? [] : [`${plural(covered, 'point')} left out, since a COMPLETE run is there`];
}

function showNothingLeft(covered: number, parsed: ParsedArgs, io: Io): number {
  const text = parsed.has('json')
    ? JSON.stringify({ runs: 0, covered })
    : `nothing to run: ${coveredNotes(covered)[0]}`;
  io.stdout.write(`${text}\n`);
  return 0;
}

function showCount(count: bigint, parsed: ParsedArgs, io: Io): number {
  io.stdout.write(parsed.has('json') ? `{"points":${count}}\n` : `${count}\n`);
  return 0;
}
