import { resolve } from 'node:path';
import { split } from 'shlex';
import { type ConfigRequest, loadConfigBase, sweeperParams } from '../../config/index.js';
import type { Environment } from '../../core/environment.js';
import type { Settings } from '../../settings/index.js';
import type { Override } from '../../sweep/index.js';
import type { LaunchRequest } from '../plan/plan.js';
import { findProgram } from '../plan/program.js';
import type { SkipExisting } from '../plan/skip-existing.js';
import { configRequestOf } from './config.js';
import type { RequestDirectory } from './directory.js';
import type { ConfigOptions, PointsOptions, ProgramOptions } from './options.js';
import { readPoints } from './points.js';
import { findSteps, type WrittenStep } from './steps.js';

/** The options of `mlx run` that a request is made from. */
type RequestOptions = ConfigOptions & PointsOptions & ProgramOptions;

/** The directory and the environment that a launch is made in. */
export interface Caller {
  readonly cwd: string;
  readonly env: Environment;
}

/** The words and settings of `mlx run`. */
interface RequestParts {
  /** True if the runs become jobs, whose settings may activate an environment before the program is found. */
  readonly inJob: boolean;
  readonly program: string | undefined;
  /** The words after `--`. */
  readonly rest: readonly string[];
  /** Steps instead of a program; empty if there is one. */
  readonly steps: readonly WrittenStep[];
  readonly settings: Settings;
  readonly overrides: readonly Override[];
}

/**
 * Returns the request as it is from a directory: the one that mlx was called in, or the same one in a copy of
 * the code. Throws what finding the program, its config and its points throws.
 */
export async function makeRequest(
  options: RequestOptions,
  io: Caller,
  { inJob, program, rest, steps: written, settings, overrides }: RequestParts,
  at: RequestDirectory,
): Promise<{
  readonly request: LaunchRequest;
  readonly skipExisting: SkipExisting;
  readonly notes: readonly string[];
}> {
  const { cwd, word, directory } = at;
  const { interpreter } = options;
  const where = {
    cwd,
    interpreter: interpreter === undefined ? [] : split(interpreter).map((one, at) => word(one, at === 0)),
    path: io.env['PATH'] ?? '',
    activated: inJob && activatesEnvironment(settings),
  };
  const steps = findSteps(written, where, word);
  // The config is that of the last step that is a file: earlier steps prepare for it.
  const found =
    (steps.findLast((step) => step.program.directory !== undefined) ?? steps.at(-1))?.program ??
    findProgram({
      ...where,
      program: program === undefined ? undefined : word(program, false),
      args: rest.map((one, at) => word(one, program === undefined && at === 0)),
    });
  const { path, directories, ...configRequest } = configRequestOf(options, { env: io.env, cwd }, found, settings);
  const from = {
    ...configRequest,
    path: path === undefined ? undefined : directory(path),
    directories: directories.map(directory),
  };
  const config = loadConfigBase(from, overrides);
  const { before, after, notes } = sweeperParams(config, overrides);
  const all = [...before, ...overrides, ...after];
  const { points, skipExisting } = await readPoints(options, all, { request: from, base: config }, io.cwd);
  const request = {
    cwd,
    commands: [
      {
        program: from.declared ? { ...found, argv: [...found.argv, ...hydraWords(options, from)] } : found,
        points,
        config,
        args: { style: options.args ?? ('overrides' as const), preset: options.program },
        written: undefined,
        steps: steps.length === 0 ? undefined : steps,
      },
    ],
    settings,
    script: undefined,
    code: undefined,
  };
  return { request, skipExisting, notes };
}

/** The options for the config as a program of Hydra takes them: it reads the config itself. */
function hydraWords(options: ConfigOptions, { cwd, path, name, directories }: ConfigRequest): string[] {
  const given = options.configDir?.length ?? 0;
  return [
    ...(options.configPath !== undefined && path !== undefined ? ['--config-path', resolve(cwd, path)] : []),
    ...(options.configName !== undefined && name !== undefined ? ['--config-name', name] : []),
    ...directories.slice(0, given).flatMap((directory) => ['--config-dir', resolve(cwd, directory)]),
  ];
}

/**
 * Returns true if a job's script runs commands before the program, which may change the program that is
 * found.
 */
export function activatesEnvironment({ scheduler }: Settings): boolean {
  return [scheduler.shell_config_cmd, scheduler.env_cmd].flat().some((line) => line.trim() !== '');
}
