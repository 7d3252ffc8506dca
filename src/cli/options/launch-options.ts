import { parse, resolve } from 'node:path';
import { type ConfigRequest, configWords, declaredConfig } from '../../config/index.js';
import { fail } from '../../failures/index.js';
import type { JobPlan, Plan, Program, QueuePlan } from '../../launch/index.js';
import { limitsOf } from '../../launch/index.js';
import { visibleGpus } from '../../local/index.js';
import {
  findSettingsFile,
  isSettingsOverride,
  loadSettings,
  type Settings,
  type SettingsFile,
} from '../../settings/index.js';
import type { Override } from '../../sweep/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';
import { hereResources, parallelOf } from './here-resources.js';
import { jobOnlyOptions, withExported } from './job-options.js';

/** The settings of a launch: of the file, of overrides for mlx itself, of flags. */
export async function launchSettings(
  parsed: ParsedArgs,
  io: Io,
  overrides: readonly Override[],
): Promise<{ readonly settings: Settings; readonly settingsFile: SettingsFile | undefined }> {
  const settingsFile = findSettingsFile(io.cwd);
  const settings = await loadSettings({
    cwd: io.cwd,
    file: settingsFile,
    overrides: overrides.filter(isSettingsOverride),
    flags: settingsFlags(parsed),
  });
  checkSupported(settings);
  return { settings, settingsFile };
}

/** Where to look for the config of a program in this directory. */
export function configRequestOf(
  parsed: ParsedArgs,
  io: Io,
  { argv, file, directory }: Pick<Program, 'argv' | 'file' | 'directory'>,
  { resolve }: Pick<Settings, 'resolve'>,
): ConfigRequest {
  const declared = directory === undefined ? undefined : declaredConfig(file);
  // A program of Hydra has options of its own for this.
  const words = declared && configWords(argv);
  return {
    cwd: io.cwd,
    programDirectory: directory,
    jobName: directory === undefined ? undefined : parse(file).name,
    declared,
    path: parsed.text('config-path') ?? words?.path,
    name: parsed.text('config-name') ?? words?.name,
    directories: [...parsed.list('config-dir'), ...(words?.directories ?? [])],
    none: parsed.has('no-config'),
    env: io.env,
    resolve,
  };
}

/** Shows a plan, or submits it, or carries it out here. Gives the exit code. */
export async function carryOutOrShow(
  plan: Plan,
  {
    jobs,
    queue,
    notes,
  }: {
    readonly jobs: JobPlan | undefined;
    readonly queue: QueuePlan | undefined;
    readonly notes: readonly string[];
  },
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  const here = jobs || queue ? undefined : hereResources(parsed);
  const shape = {
    plan: jobs || queue ? withExported(plan, parsed) : plan,
    parallel: parallelOf(parsed.number('parallel'), here?.cpus),
    notes,
    jobs,
    queue,
  };
  if (parsed.has('dry-run')) {
    const { showDryRun } = await import('../launching/dry-run.js');
    return showDryRun(shape, io, parsed.has('json'));
  }
  if (queue) {
    const { queuePlan } = await import('../launching/follow-queueing.js');
    return queuePlan({ ...shape, queue }, parsed, io);
  }
  if (jobs) {
    const { submitPlan } = await import('../launching/follow-submission.js');
    return submitPlan({ ...shape, jobs }, parsed, io);
  }
  const { carryOutPlan, followOptions } = await import('../launching/follow-launch.js');
  return carryOutPlan(shape, io, {
    ...followOptions(parsed),
    ...limitsOf(here ?? {}),
    failFast: parsed.has('fail-fast'),
    gpusPerRun: gpusPerRun(parsed, io),
  });
}

function settingsFlags(parsed: ParsedArgs): Parameters<typeof loadSettings>[0]['flags'] {
  refuseTogether(parsed, 'store', 'log-dir');
  const store = parsed.text('store') ?? parsed.text('log-dir');
  const id = parsed.number('log-id');
  const limit = parsed.number('max-runs');
  const version = versionFlags(parsed);
  const grace = parsed.number('grace');
  return {
    ...(grace !== undefined && { grace }),
    ...(parsed.has('versioned') && { use_version_manager: true }),
    ...(Object.keys(version).length > 0 && { version_manager: version }),
    ...(store === undefined && id === undefined
      ? {}
      : {
          logger: {
            ...(store !== undefined && { parent_log_dir: store }),
            ...(id !== undefined && { forced_log_id: id }),
          },
        }),
    ...(limit !== undefined && { max_runs: limit }),
  };
}

function versionFlags(parsed: ParsedArgs): NonNullable<Parameters<typeof loadSettings>[0]['flags']['version_manager']> {
  const [untracked, uncommitted, runFrom] = ['untracked', 'uncommitted', 'run-from'].map((name) => parsed.text(name));
  return {
    ...(untracked !== undefined && { untracked: untracked as Settings['version_manager']['untracked'] }),
    ...(uncommitted !== undefined && { uncommitted: uncommitted as Settings['version_manager']['uncommitted'] }),
    ...(runFrom !== undefined && { run_from: runFrom as Settings['version_manager']['run_from'] }),
    ...(parsed.has('read-only') && { read_only: true }),
  };
}

/** What only a fixed version of the code has is not dropped without one. */
export function refuseVersionOptions(parsed: ParsedArgs): void {
  const option = ['untracked', 'uncommitted', 'run-from', 'read-only'].find((name) => parsed.has(name));
  if (option !== undefined) fail({ reason: 'needs-versioned', option: `--${option}` });
}

/** `--gpus-per-run K`, of which there must be as many. */
function gpusPerRun(parsed: ParsedArgs, io: Io): number | undefined {
  const wanted = parsed.number('gpus-per-run');
  const visible = wanted === undefined ? [] : visibleGpus(io.env);
  if (wanted !== undefined && wanted > visible.length) fail({ reason: 'gpus-missing', wanted, visible });
  return wanted;
}

/** What only jobs have is not dropped where runs are processes. */
export function refuseJobOptions(parsed: ParsedArgs): void {
  const option = jobOnlyOptions.find((name) => parsed.has(name));
  if (option !== undefined) fail({ reason: 'needs-engine', option: `--${option}` });
}

function checkSupported(settings: Settings): void {
  if (!settings.use_logger) {
    fail({ reason: 'unsupported-setting', key: 'use_logger' });
  }
}

/** What to know of the files that settings may come from. */
export function settingsNotes(file: SettingsFile | undefined): string[] {
  return (file?.ignored ?? []).map((path) => `${resolve(path)} is not read, since ${file?.path} is there`);
}
