import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { split } from 'shlex';
import { type ConfigRequest, loadConfigBase, sweeperParams } from '../../config/index.js';
import { ifPresent } from '../../core/errno.js';
import { fail } from '../../failures/index.js';
import { type ArgsStyle, findProgram, type LaunchRequest, type Preset } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Override } from '../../sweep/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { configRequestOf } from '../options/launch-options.js';
import { readPoints } from './run-points.js';
import { findSteps, type WrittenStep } from './run-steps.js';

/**
 * PROGRAM is the first word, unless that is an override and the command stands after `--`. A file whose name holds `=`
 * is a program all the same.
 */
export function splitPositionals(
  { positionals, rest }: ParsedArgs,
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

/** What the words and settings of `mlx run` ask for. */
export interface RequestParts {
  /** Whether settings may activate an environment before the program is found. */
  readonly inJob: boolean;
  readonly program: string | undefined;
  /** In place of the program; none where there is one. */
  readonly steps: readonly WrittenStep[];
  readonly settings: Settings;
  readonly overrides: readonly Override[];
}

/** The request as it is from a directory: the one that mlx was called in, or the same one in a copy of the code. */
export async function makeRequest(
  parsed: ParsedArgs,
  io: Io,
  { inJob, program, steps: written, settings, overrides }: RequestParts,
  place: RequestPlace,
): Promise<{ readonly request: LaunchRequest; readonly skipExisting: boolean; readonly notes: readonly string[] }> {
  const { cwd, word, directory } = place;
  const interpreter = parsed.text('interpreter');
  const where = {
    cwd,
    interpreter: interpreter === undefined ? [] : split(interpreter).map((one, at) => word(one, at === 0)),
    path: io.env['PATH'] ?? '',
    activated: inJob && activatesEnvironment(settings),
  };
  const steps = findSteps(written, where, word);
  // The config is that of the last step that is a file: what comes before prepares for it.
  const found =
    (steps.findLast((step) => step.program.directory !== undefined) ?? steps.at(-1))?.program ??
    findProgram({
      ...where,
      program: program === undefined ? undefined : word(program, false),
      args: (parsed.rest ?? []).map((one, at) => word(one, program === undefined && at === 0)),
    });
  const { path, directories, ...configRequest } = configRequestOf(parsed, { ...io, cwd }, found, settings);
  const from = {
    ...configRequest,
    path: path === undefined ? undefined : directory(path),
    directories: directories.map(directory),
  };
  const config = loadConfigBase(from, overrides);
  const { before, after, notes } = sweeperParams(config, overrides);
  const all = [...before, ...overrides, ...after];
  const { points, skipExisting } = await readPoints(parsed, all, { request: from, base: config }, io.cwd);
  const request = {
    cwd,
    commands: [
      {
        program: from.declared ? { ...found, argv: [...found.argv, ...hydraWords(parsed, from)] } : found,
        points,
        config,
        args: {
          style: (parsed.text('args') ?? 'overrides') as ArgsStyle,
          preset: parsed.text('program') as Preset | undefined,
        },
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

/** What mlx was told of the config, for a program of Hydra, which reads it itself. */
function hydraWords(parsed: ParsedArgs, { cwd, path, name, directories }: ConfigRequest): string[] {
  const given = parsed.list('config-dir').length;
  return [
    ...(parsed.text('config-path') !== undefined && path !== undefined ? ['--config-path', resolve(cwd, path)] : []),
    ...(parsed.text('config-name') !== undefined && name !== undefined ? ['--config-name', name] : []),
    ...directories.slice(0, given).flatMap((directory) => ['--config-dir', resolve(cwd, directory)]),
  ];
}

/** A directory that a request is made from, and what becomes of the paths in its words there. */
export interface RequestPlace {
  readonly cwd: string;
  /** A word of the command line; the first one starts a program. */
  readonly word: (word: string, isFirst: boolean) => string;
  readonly directory: (path: string) => string;
}

/** The directory that mlx was called in: words are as they are. */
export const placeHere = (cwd: string): RequestPlace => ({ cwd, word: (word) => word, directory: (path) => path });

/** Whether a job's script does something before the program starts that may change which one is found. */
export function activatesEnvironment({ scheduler }: Settings): boolean {
  return [scheduler.shell_config_cmd, scheduler.env_cmd].flat().some((line) => line.trim() !== '');
}
