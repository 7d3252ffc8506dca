import { statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ifPresent } from '../../core/errno.js';
import { findCommand, isExecutable } from '../../core/find-command.js';
import { namesIn } from '../../core/paths.js';
import { nearest } from '../../core/suggest.js';
import { fail } from '../../failures/index.js';

/** The command that runs execute. It is found once, at launch. */
export interface Program {
  /** The words before the overrides: interpreter, program, its own arguments. */
  readonly argv: readonly string[];
  /** MLXP's `current_file_path`: the program's file, or the command's first word found on PATH. */
  readonly file: string;
  /** MLXP's `executable`: the interpreter, or the program itself. */
  readonly executable: string;
  /** The directory in which the program's own config may be; undefined for a bare command. */
  readonly directory: string | undefined;
}

// The first of them found on PATH is used.
const interpreters: Readonly<Record<string, readonly string[]>> = {
  '.py': ['python', 'python3'],
  '.sh': ['bash'],
  '.js': ['node'],
  '.mjs': ['node'],
  '.R': ['Rscript'],
  '.jl': ['julia'],
};

/** The words of the command line: PROGRAM, and those after `--`. */
export interface ProgramRequest {
  readonly cwd: string;
  readonly program: string | undefined;
  readonly args: readonly string[];
  /** `--interpreter`: the words to put before the program. */
  readonly interpreter: readonly string[];
  /** The PATH of the launch. */
  readonly path: string;
  /** Whether the job activates an environment; the interpreter is then looked up in it. */
  readonly activated?: boolean;
}

/**
 * Finds the program and what runs it. Throws `no-program`, `program-missing`, `program-not-file`,
 * `program-not-executable` or `command-not-found`.
 */
export function findProgram(request: ProgramRequest): Program {
  const { cwd, program, args } = request;
  if (program === undefined) return bareCommand(request);
  const file = resolve(cwd, program);
  const stat = ifPresent(() => statSync(file));
  if (!stat) {
    const siblings = namesIn(dirname(file)).filter((name) => name !== basename(file));
    const near = nearest(basename(file), siblings);
    return fail({ reason: 'program-missing', path: program, near: near && join(dirname(program), near) });
  }
  if (!stat.isFile()) return fail({ reason: 'program-not-file', path: program });
  // A shell would look up a bare name on PATH.
  const word = program.includes('/') ? program : interpreterOf(request) ? program : `./${program}`;
  const interpreter = interpreterOf(request);
  if (!interpreter && !isExecutable(file)) return fail({ reason: 'program-not-executable', path: program });
  return {
    argv: [...(interpreter ?? []), word, ...args],
    file,
    executable: interpreter?.[0] ?? file,
    directory: dirname(file),
  };
}

function interpreterOf({ program, interpreter, cwd, path, activated }: ProgramRequest): string[] | undefined {
  if (interpreter.length > 0) {
    const [word = '', ...options] = interpreter;
    const found = findCommand(word, cwd, path);
    return found === undefined
      ? fail({ reason: 'command-not-found', word, neededBy: '--interpreter' })
      : [word.includes('/') ? word : found, ...options];
  }
  const candidates = interpreters[extname(program ?? '')];
  if (!candidates) return undefined;
  if (activated) return candidates.slice(0, 1);
  for (const candidate of candidates) {
    const found = findCommand(candidate, cwd, path);
    if (found !== undefined) return [found];
  }
  return fail({ reason: 'command-not-found', word: candidates.join("' or '"), neededBy: program });
}

function bareCommand({ cwd, args, interpreter, path }: ProgramRequest): Program {
  const argv = [...interpreter, ...args];
  const [word] = argv;
  if (word === undefined || word === '') return fail({ reason: 'no-program' });
  const found = findCommand(word, cwd, path);
  if (found === undefined) {
    if (word.includes('/') && ifPresent(() => statSync(resolve(cwd, word)))?.isFile()) {
      return fail({ reason: 'program-not-executable', path: word });
    }
    return fail({ reason: 'command-not-found', word, neededBy: undefined });
  }
  return { argv, file: found, executable: found, directory: undefined };
}
