import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { split } from 'shlex';
import type { ParsedArgs } from '../../arguments/index.js';
import { type ConfigRequest, loadConfigBase, sweeperParams } from '../../config/index.js';
import { ifPresent } from '../../core/errno.js';
import { fail } from '../../failures/index.js';
import { findProgram, type LaunchRequest } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Override } from '../../sweep/index.js';
import type { Io } from '../grammar/command.js';
import type { ConfigOptions } from '../options/config.js';
import type { PointsOptions } from '../options/points.js';
import type { ProgramOptions } from '../options/program.js';
import { configRequestOf } from './config-request.js';
import { readPoints } from './run-points.js';
import { findSteps, type WrittenStep } from './run-steps.js';

/**
 * Splits positionals into PROGRAM and overrides. PROGRAM is the first word, unless that is an override and
 * the command stands after `--`. A file whose name contains `=` can be the program. Throws
 * `steps-and-program` or `no-program`.
 */
export function splitPositionals(
  { positionals, rest }: Pick<ParsedArgs, 'positionals' | 'rest'>,
  cwd: string,
  hasSteps: boolean,
): { program: string | undefined; overrideWords: string[] } {
  const [first, ...others] = positionals;
  if (hasSteps) {
    const program = rest?.[0] ?? positionals.find((word) => !looksLikeOverride(word));
    if (program !== undefined) fail({ reason: 'steps-and-program', program });
    return { program: undefined, overrideWords: [...positionals] };
  }
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

/** The options of `mlx run` that a request is made from. */
type RequestOptions = ConfigOptions & PointsOptions & ProgramOptions;

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
  io: Pick<Io, 'cwd' | 'env'>,
  { inJob, program, rest, steps: written, settings, overrides }: RequestParts,
  at: RequestDirectory,
): Promise<{ readonly request: LaunchRequest; readonly skipExisting: boolean; readonly notes: readonly string[] }> {
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
  const given = options.configDir.length;
  return [
    ...(options.configPath !== undefined && path !== undefined ? ['--config-path', resolve(cwd, path)] : []),
    ...(options.configName !== undefined && name !== undefined ? ['--config-name', name] : []),
    ...directories.slice(0, given).flatMap((directory) => ['--config-dir', resolve(cwd, directory)]),
  ];
}

/** A directory that a request is made from, and how paths in the command line are written there. */
export interface RequestDirectory {
  readonly cwd: string;
  /** Rewrites a word of the command line; the first word starts a program. */
  readonly word: (word: string, isFirst: boolean) => string;
  readonly directory: (path: string) => string;
}

/** The directory that mlx was called in: words stay as they are. */
export const requestHere = (cwd: string): RequestDirectory => ({
  cwd,
  word: (word) => word,
  directory: (path) => path,
});

/**
 * Returns true if a job's script runs commands before the program, which may change the program that is
 * found.
 */
export function activatesEnvironment({ scheduler }: Settings): boolean {
  return [scheduler.shell_config_cmd, scheduler.env_cmd].flat().some((line) => line.trim() !== '');
}
