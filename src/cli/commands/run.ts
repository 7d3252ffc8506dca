import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { split } from 'shlex';
import { isSettingsOverride, loadConfigBase, type Settings } from '../../config/index.js';
import { ifPresent } from '../../core/errno.js';
import { fail } from '../../core/failure.js';
import { plural } from '../../core/text.js';
import {
  type ArgsStyle,
  countPoints,
  coveredPoints,
  findProgram,
  type LaunchRequest,
  type Plan,
  type Preset,
  planLaunch,
} from '../../launcher/index.js';
import { checkStoreWritable } from '../../logger/store.js';
import { type Override, parseOverride } from '../../sweep/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { chooseEngine } from './choose-engine.js';
import { carryOutOrShow, configRequestOf, launchSettings, refuseJobOptions, settingsNotes } from './launch-options.js';
import { planJobs } from './plan-jobs.js';
import { readPoints } from './run-points.js';

/** `mlx run`: checks everything, shows the plan, then runs it here; with `--dry-run` shows it only. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'quiet', 'json');
  refuseTogether(parsed, 'count', 'dry-run');
  refuseTogether(parsed, 'no-config', 'config-name');
  const { program, overrideWords } = splitPositionals(parsed, io.cwd);
  const overrides = overrideWords.map((word) => parseOverride(word));
  const { settings, settingsFile } = await launchSettings(parsed, io, overrides);
  const chosen = await chooseEngine(parsed, settings, settingsFile, io);
  const jobs = chosen === undefined ? undefined : await planJobs(parsed, settings, chosen);
  if (!jobs) refuseJobOptions(parsed);
  const { request, skipExisting } = await makeRequest(parsed, io, {
    inJob: jobs !== undefined,
    program,
    settings,
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
  });
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
  const notes = [...settingsNotes(settingsFile), ...coveredNotes(covered)];
  return carryOutOrShow(made, { jobs, notes }, parsed, io);
}

/**
 * PROGRAM is the first word, unless that is an override and the command stands after `--`. A file whose name holds `=`
 * is a program all the same.
 */
function splitPositionals(
  { positionals, rest }: ParsedArgs,
  cwd: string,
): { program: string | undefined; overrideWords: string[] } {
  const [first, ...others] = positionals;
  if (first === undefined || (rest && looksLikeOverride(first))) {
    return { program: undefined, overrideWords: [...positionals] };
  }
  const isFile = () => ifPresent(() => statSync(resolve(cwd, first)))?.isFile();
  if (looksLikeOverride(first) && !isFile()) return fail({ reason: 'no-program' });
  return { program: first, overrideWords: others };
}

function looksLikeOverride(word: string): boolean {
  return /^[+~]|=/.test(word);
}

interface PlanParts {
  /** Whether settings may activate an environment before the program is found. */
  readonly inJob: boolean;
  readonly program: string | undefined;
  readonly settings: Settings;
  readonly overrides: readonly Override[];
}

async function makeRequest(
  parsed: ParsedArgs,
  io: Io,
  { inJob, program, settings, overrides }: PlanParts,
): Promise<{ readonly request: LaunchRequest; readonly skipExisting: boolean }> {
  const interpreter = parsed.text('interpreter');
  const found = findProgram({
    cwd: io.cwd,
    program,
    args: parsed.rest ?? [],
    interpreter: interpreter === undefined ? [] : split(interpreter),
    path: io.env['PATH'] ?? '',
    activated: inJob && activatesEnvironment(settings),
  });
  const configRequest = configRequestOf(parsed, io, found.directory);
  const config = await loadConfigBase(configRequest);
  const { points, skipExisting } = await readPoints(parsed, overrides, configRequest);
  const request = {
    cwd: io.cwd,
    commands: [
      {
        program: found,
        points,
        config,
        args: {
          style: (parsed.text('args') ?? 'overrides') as ArgsStyle,
          preset: parsed.text('program') as Preset | undefined,
        },
        written: undefined,
      },
    ],
    settings,
    script: undefined,
  };
  return { request, skipExisting };
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
  const skipped = await coveredPoints(whole);
  const commands = request.commands.map((command) => ({ ...command, points: { ...command.points, skipped } }));
  return { plan: planLaunch({ ...request, commands }), covered: skipped.size };
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

/** Whether a job's script does something before the program starts that may change which one is found. */
function activatesEnvironment({ scheduler }: Settings): boolean {
  return [scheduler.shell_config_cmd, scheduler.env_cmd].flat().some((line) => line.trim() !== '');
}
