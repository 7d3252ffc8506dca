import { isAbsolute } from 'node:path';
import pick from 'lodash/pick.js';
import * as v from 'valibot';
import type { CodeVersion, Interpreter } from '../../code/index.js';
import { inCopy } from '../../code/index.js';
import { configValue, formatYaml } from '../../values/index.js';

/** The version of the code that a launch runs, and the environment that it runs in. */
export interface LaunchCode {
  readonly version: CodeVersion;
  /** Null if a job activates it, or the program needs none. */
  readonly interpreter: Omit<Interpreter, 'live'> | null;
  /** Modules that were loaded at launch (LOADEDMODULES of Environment Modules and Lmod). */
  readonly modules: readonly string[];
  /** Variables that say which GPUs and which environment the launch saw. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directories of the copy that Python imports from first. */
  readonly pythonPath: readonly string[];
  /** The changes of the work tree that are not in the commit; undefined if there are none. */
  readonly patch: Uint8Array | undefined;
}

const recordedVariables = ['CUDA_VISIBLE_DEVICES', 'CONDA_DEFAULT_ENV', 'CONDA_PREFIX', 'VIRTUAL_ENV'];

/** Returns the part of the launch's environment that is recorded with its code. */
export function toldEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<LaunchCode, 'modules' | 'environment'> {
  const found = Object.entries(pick(environment, recordedVariables));
  return {
    modules: (environment['LOADEDMODULES'] ?? '').split(':').filter((name) => name !== ''),
    environment: Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}

/** The block `version_manager`; the first three entries are MLXP's. */
export const codeRecord = v.object({
  commit_hash: v.string(),
  repo_path: v.string(),
  requirements: v.nullable(v.array(v.string())),
  branch: v.nullable(v.string()),
  remote: v.nullable(v.string()),
  snapshot: v.boolean(),
  dirty: v.boolean(),
  copy: v.nullable(v.string()),
  read_only: v.boolean(),
  links: v.array(v.string()),
  interpreter: v.nullable(v.string()),
  interpreter_version: v.nullable(v.string()),
  lock_file: v.nullable(v.object({ path: v.string(), sha256: v.string() })),
  modules: v.array(v.string()),
  environment: v.record(v.string(), v.string()),
});

export type CodeRecord = v.InferOutput<typeof codeRecord>;

/** Returns the record of a launch's code. */
export function recordOfCode({ version, interpreter, modules, environment }: LaunchCode): CodeRecord {
  const { repository, commit, links, ...rest } = version;
  return {
    commit_hash: commit,
    repo_path: repository,
    requirements: interpreter?.requirements ? [...interpreter.requirements] : null,
    ...pick(rest, ['branch', 'remote', 'snapshot', 'dirty', 'copy', 'read_only']),
    links: [...links],
    interpreter: interpreter?.path ?? null,
    interpreter_version: interpreter?.version ?? null,
    lock_file: interpreter?.lockFile ?? null,
    modules: [...modules],
    environment: { ...environment },
  };
}

/** Returns the code of a launch from its record and the patch beside it. */
export function codeOfRecord(record: CodeRecord, patch: Uint8Array | undefined): LaunchCode {
  const { commit_hash, repo_path, requirements, interpreter, interpreter_version, lock_file, ...rest } = record;
  const { modules, environment, ...version } = rest;
  return {
    version: { repository: repo_path, commit: commit_hash, ...version },
    interpreter:
      interpreter === null
        ? null
        : { path: interpreter, version: interpreter_version, requirements, lockFile: lock_file },
    modules,
    environment,
    // The recorded environment contains them already.
    pythonPath: [],
    patch,
  };
}

/** Returns the entry `version_manager` of `info.yaml`. */
export function codeText(code: LaunchCode | undefined): string {
  return formatYaml(configValue({ version_manager: code ? recordOfCode(code) : null }));
}

/** Variables that list directories: those of the work tree would bring in its files as they are now. */
const searchPaths = ['PATH', 'PYTHONPATH', 'LD_LIBRARY_PATH'];

/**
 * Returns the launch's variables for its runs: directories of the work tree are replaced by those of the
 * copy.
 */
export function environmentInCopy(
  entries: readonly (readonly [name: string, value: string])[],
  { pythonPath, version }: Pick<LaunchCode, 'pythonPath' | 'version'>,
): [name: string, value: string][] {
  const mapped = entries.map(([name, value]): [string, string] => {
    if (!searchPaths.includes(name)) return [name, value];
    const paths = value.split(':').map((path) => (isAbsolute(path) ? (inCopy(version, path) ?? path) : path));
    return [name, paths.join(':')];
  });
  if (pythonPath.length === 0) return mapped;
  const present = mapped.find(([name]) => name === 'PYTHONPATH')?.[1];
  const paths = [...pythonPath, ...(present ? present.split(':') : [])];
  return [...mapped.filter(([name]) => name !== 'PYTHONPATH'), ['PYTHONPATH', [...new Set(paths)].join(':')]];
}
