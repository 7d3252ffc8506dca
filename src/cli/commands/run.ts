import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { split } from 'shlex';
import {
  findSettingsFile,
  isSettingsOverride,
  loadConfigBase,
  loadSettings,
  type Settings,
  type SettingsFile,
} from '../../config/index.js';
import { clockDuration } from '../../core/clock.js';
import { ifPresent } from '../../core/errno.js';
import { fail } from '../../core/failure.js';
import {
  type ArgsStyle,
  findProgram,
  type Plan,
  type Preset,
  planLaunch,
  readResources,
} from '../../launcher/index.js';
import { checkStoreWritable } from '../../logger/store.js';
import { type Override, parseOverride, sweepOf } from '../../sweep/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { chooseEngine } from './choose-engine.js';
import { jobOnlyOptions, planJobs, withExported } from './plan-jobs.js';

/** `mlx run`: checks everything, shows the plan, then runs it here; with `--dry-run` shows it only. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'quiet', 'json');
  refuseTogether(parsed, 'no-config', 'config-path');
  refuseTogether(parsed, 'no-config', 'config-name');
  const { program, overrideWords } = splitPositionals(parsed, io.cwd);
  const overrides = overrideWords.map((word) => parseOverride(word));
  const settingsFile = findSettingsFile(io.cwd);
  const settings = await loadSettings({
    cwd: io.cwd,
    file: settingsFile,
    overrides: overrides.filter(isSettingsOverride),
    flags: settingsFlags(parsed),
  });
  checkSupported(settings);
  const chosen = await chooseEngine(parsed, settings, settingsFile, io);
  const jobs = chosen === undefined ? undefined : await planJobs(parsed, settings, chosen);
  if (!jobs) refuseJobOptions(parsed);
  const made = await makePlan(parsed, io, {
    inJob: jobs !== undefined,
    program,
    settings,
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
  });
  const shape = {
    plan: jobs ? withExported(made, parsed) : made,
    parallel: parsed.number('parallel') ?? availableParallelism(),
    notes: settingsNotes(settingsFile),
    jobs,
  };
  if (parsed.has('dry-run')) {
    const { showDryRun } = await import('./run-dry.js');
    return showDryRun(shape, io, parsed.has('json'));
  }
  if (jobs) {
    const { submitPlan } = await import('./run-jobs.js');
    return submitPlan({ ...shape, jobs }, parsed, io);
  }
  const { carryOutPlan, followOptions } = await import('./run-here.js');
  const seconds = timeLimit(parsed);
  return carryOutPlan(shape, io, {
    ...followOptions(parsed),
    walltime: seconds === undefined ? undefined : { seconds, reason: `over its ${clockDuration(seconds)} limit` },
    failFast: parsed.has('fail-fast'),
  });
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

function settingsFlags(parsed: ParsedArgs): Parameters<typeof loadSettings>[0]['flags'] {
  const store = parsed.text('store');
  const id = parsed.text('log-id');
  const limit = parsed.number('max-runs');
  if (id !== undefined && !/^\d{1,15}$/.test(id)) {
    fail({
      reason: 'bad-option-value',
      option: '--log-id',
      value: id,
      expected: 'the id of a run, such as 12',
      near: undefined,
    });
  }
  return {
    ...(store === undefined && id === undefined
      ? {}
      : {
          logger: {
            ...(store !== undefined && { parent_log_dir: store }),
            ...(id !== undefined && { forced_log_id: Number(id) }),
          },
        }),
    ...(limit !== undefined && { max_runs: limit }),
  };
}

/** `--walltime` and `--time` mean the same; seconds. */
function timeLimit(parsed: ParsedArgs): number | undefined {
  refuseTogether(parsed, 'walltime', 'time');
  const time = parsed.text('time');
  return time === undefined ? parsed.number('walltime') : readResources([{ time }]).time;
}

/** What only jobs have is not dropped where runs are processes. */
function refuseJobOptions(parsed: ParsedArgs): void {
  const option = jobOnlyOptions.find((name) => parsed.has(name));
  if (option !== undefined) fail({ reason: 'needs-engine', option: `--${option}` });
}

function checkSupported(settings: Settings): void {
  if (settings.use_version_manager) {
    fail({
      reason: 'unsupported-setting',
      key: 'use_version_manager',
      instead: 'leave it out to run the code as it is now; the commit is noted beside the launch',
    });
  }
  if (!settings.use_logger) {
    fail({
      reason: 'unsupported-setting',
      key: 'use_logger',
      instead: 'mlx always keeps a directory per run; leave it out',
    });
  }
}

interface PlanParts {
  /** Whether settings may activate an environment before the program is found. */
  readonly inJob: boolean;
  readonly program: string | undefined;
  readonly settings: Settings;
  readonly overrides: readonly Override[];
}

async function makePlan(parsed: ParsedArgs, io: Io, { inJob, program, settings, overrides }: PlanParts): Promise<Plan> {
  const interpreter = parsed.text('interpreter');
  const found = findProgram({
    cwd: io.cwd,
    program,
    args: parsed.rest ?? [],
    interpreter: interpreter === undefined ? [] : split(interpreter),
    path: io.env['PATH'] ?? '',
    activated: inJob && activatesEnvironment(settings),
  });
  const config = await loadConfigBase({
    cwd: io.cwd,
    programDirectory: found.directory,
    path: parsed.text('config-path'),
    name: parsed.text('config-name'),
    none: parsed.has('no-config'),
  });
  const plan = planLaunch({
    cwd: io.cwd,
    program: found,
    sweep: sweepOf(overrides),
    config,
    settings,
    args: {
      style: (parsed.text('args') ?? 'overrides') as ArgsStyle,
      preset: parsed.text('program') as Preset | undefined,
    },
  });
  checkStoreWritable(settings.logger.parent_log_dir);
  return plan;
}

/** Whether a job's script does something before the program starts that may change which one is found. */
function activatesEnvironment({ scheduler }: Settings): boolean {
  return [scheduler.shell_config_cmd, scheduler.env_cmd].flat().some((line) => line.trim() !== '');
}

function settingsNotes(file: SettingsFile | undefined): string[] {
  return (file?.ignored ?? []).map((path) => `${resolve(path)} is not read, since ${file?.path} is there`);
}
