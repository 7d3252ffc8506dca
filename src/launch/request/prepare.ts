import { isSettingsOverride, type Settings } from '../../settings/index.js';
import { parseOverride } from '../../sweep/index.js';
import { withExported } from '../engine/options.js';
import type { TargetOptions } from '../options.js';
import type { LaunchRequest } from '../plan/plan.js';
import type { SkipExisting } from '../plan/skip-existing.js';
import { planTarget } from '../plan-target.js';
import type { Target, Waiting } from '../target.js';
import { type RequestDirectory, requestHere } from './directory.js';
import type { ConfigOptions, PointsOptions, ProgramOptions, SettingsOptions, StepOptions } from './options.js';
import { type Caller, makeRequest } from './request.js';
import { type FoundSettings, launchSettings, refuseVersionOptions } from './settings.js';
import type { WrittenStep } from './steps.js';

/** The options of `mlx run` that decide what is launched, and where. */
export interface RunOptions
  extends TargetOptions,
    ConfigOptions,
    PointsOptions,
    ProgramOptions,
    StepOptions,
    SettingsOptions {
  /** The engine; `auto` for the configured one, undefined for this machine. */
  readonly scheduler?: string | undefined;
}

/** The words of `mlx run`. */
export interface RunWords {
  /** The program's file; undefined if `rest` is the whole command, or there are steps. */
  readonly program: string | undefined;
  /** The program's own arguments, or the whole command. */
  readonly rest: readonly string[];
  readonly overrides: readonly string[];
  readonly steps: readonly WrittenStep[];
}

/** How a launch is decided on that its options leave open. */
export interface Decisions {
  readonly caller: Caller;
  /** Returns the engine; undefined for this machine. */
  readonly chooseEngine: (scheduler: string | undefined, found: FoundSettings) => Promise<string | undefined>;
  /** Returns what the runs wait for. */
  readonly waiting: (settings: Settings) => Waiting;
}

/** What `mlx run` asks for, checked as far as that is possible before it is planned. */
export interface PreparedRun {
  readonly found: FoundSettings;
  readonly settings: Settings;
  readonly target: Target;
  readonly request: LaunchRequest;
  readonly skipExisting: SkipExisting;
  /** Makes the same request from another directory. */
  readonly requestFrom: (at: RequestDirectory) => Promise<LaunchRequest>;
  /** Notes about the request, and about the target. */
  readonly notes: { readonly request: readonly string[]; readonly target: readonly string[] };
}

/**
 * Makes the request and the target of a run from its words and options. Writes nothing. Throws what reading
 * the words, the settings, the options, the program, its config and its points throws.
 */
export async function prepareRun(
  options: RunOptions,
  { program, rest, overrides: words, steps }: RunWords,
  { caller, chooseEngine, waiting }: Decisions,
): Promise<PreparedRun> {
  const overrides = words.map((word) => parseOverride(word));
  const found = await launchSettings(options, caller.cwd, overrides);
  const chosen = await chooseEngine(options.scheduler, found);
  const { target, notes } = await planTarget(options, {
    chosen,
    settings: found.settings,
    waiting: () => waiting(found.settings),
  });
  const settings = withExported(found.settings, options.export ?? []);
  if (!settings.use_version_manager) refuseVersionOptions(options);
  const parts = {
    inJob: target.kind === 'engine',
    program,
    rest,
    steps,
    settings,
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
  };
  const made = await makeRequest(options, caller, parts, requestHere(caller.cwd));
  return {
    found,
    settings,
    target,
    request: made.request,
    skipExisting: made.skipExisting,
    requestFrom: async (at) => (await makeRequest(options, caller, parts, at)).request,
    notes: { request: made.notes, target: notes },
  };
}
