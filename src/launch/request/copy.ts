import { existsSync, statSync } from 'node:fs';
import { extname, isAbsolute, resolve } from 'node:path';
import omit from 'lodash/omit.js';
import { describeInterpreter, type FixedCode, inCopy, pathInside } from '../../code/index.js';
import type { Environment } from '../../core/environment.js';
import { ifPresent } from '../../core/errno.js';
import type { Settings } from '../../settings/index.js';
import { elementValue, isSweep } from '../../sweep/index.js';
import { type LaunchCode, toldEnvironment } from '../code/launch-code.js';
import { type LaunchRequest, programsOf } from '../plan/plan.js';
import type { Program } from '../plan/program.js';
import { type RequestDirectory, requestHere } from './directory.js';

/**
 * Returns the same directory in the copy of the code. Absolute paths of files in the commit become those of
 * the copy. An interpreter that the commit does not have (`.venv/bin/python`), and files outside of the
 * repository, keep their paths.
 */
export function requestInCopy({ version, cwd }: FixedCode, here: string): RequestDirectory {
  if (version.copy === null) return requestHere(here);
  const isElsewhere = (word: string) => pathInside(version.repository, resolve(here, word)) === undefined;
  return {
    cwd,
    directory: (path) => inCopy(version, resolve(here, path)) ?? resolve(here, path),
    word(word, isFirst) {
      const path = resolve(here, word);
      if (isAbsolute(word)) {
        const copied = inCopy(version, path);
        return copied !== undefined && isFile(copied) ? copied : word;
      }
      if (!word.includes('/') || !existsSync(path)) return word;
      return isElsewhere(word) || (isFirst && !existsSync(resolve(cwd, word))) ? path : word;
    },
  };
}

const isFile = (path: string) => ifPresent(() => statSync(path))?.isFile() ?? false;

const programSuffixes = new Set(['.py', '.sh', '.js', '.mjs', '.R', '.jl']);

/** Returns the files that runs need: their programs, and the configs that they are made from. */
export function neededFiles({ commands }: LaunchRequest, here: string): string[] {
  return commands.flatMap((command) => {
    const { config } = command;
    const programs = programsOf(command).flatMap(({ directory, file, argv }) => [
      ...(directory === undefined ? [] : [file]),
      ...argv.slice(1).filter((word) => programSuffixes.has(extname(word)) && isFile(resolve(here, word))),
    ]);
    const words = [...programs, ...(config.kind === 'composed' ? config.composer.files.used() : [])];
    return words.map((word) => resolve(here, word));
  });
}

/**
 * Returns the code of a launch with its interpreter and requirements, and the directories that Python imports
 * from which the commit does not have.
 */
export async function launchCode(
  fixed: FixedCode,
  program: Program | undefined,
  settings: Settings,
  env: Environment,
): Promise<{ readonly code: LaunchCode; readonly importedElsewhere: readonly string[] }> {
  const { version, patch } = fixed;
  const surroundings = { root: version.repository, environment: env };
  const interpreter = program ? await describeInterpreter(program, surroundings) : null;
  const { live = [] } = interpreter ?? {};
  const requirements = settings.version_manager.compute_requirements ? (interpreter?.requirements ?? null) : null;
  const code = {
    version,
    interpreter: interpreter && { ...omit(interpreter, 'live'), requirements },
    ...toldEnvironment(env),
    pythonPath: live.flatMap((directory) => inCopy(version, directory) ?? []),
    patch,
  };
  const missing = version.copy === null ? [] : live.filter((directory) => inCopy(version, directory) === undefined);
  return { code, importedElsewhere: missing };
}

/** Returns the words of a launch that name a file here which the copy lacks. */
export function wordsMissingInCopy(fixed: FixedCode, { commands: [command] }: LaunchRequest, here: string): string[] {
  if (fixed.version.copy === null || !command) return [];
  const values = command.points.overrides.flatMap(({ value }) => {
    const plain = value && !isSweep(value) ? elementValue(value) : undefined;
    return typeof plain === 'string' ? plain : [];
  });
  const words = [...programsOf(command).flatMap(({ argv }) => argv.slice(1)), ...values];
  return words
    .filter((word) => word !== '' && !isAbsolute(word) && existsSync(resolve(here, word)))
    .filter((word) => !existsSync(resolve(fixed.cwd, word)));
}
