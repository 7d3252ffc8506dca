import { isAbsolute } from 'node:path';
import pick from 'lodash/pick.js';
import * as v from 'valibot';
import type { CodeVersion, Interpreter } from '../../code/index.js';
import { inCopy } from '../../code/index.js';
import { configValue, formatYaml } from '../../values/index.js';

/** The version of the code that a launch runs, and what it runs with. */
export interface LaunchCode {
  readonly version: CodeVersion;
  /** Null where a job activates it, or the program needs none. */
  readonly interpreter: Omit<Interpreter, 'live'> | null;
  /** Modules that were loaded when it was launched (Environment Modules and Lmod: LOADEDMODULES). */
  readonly modules: readonly string[];
  /** Variables that say which GPUs and which environment the launch saw. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directories of the copy that come before all else that Python imports from. */
  readonly pythonPath: readonly string[];
  /** What of the work tree the commit does not hold; undefined where it holds all. */
  readonly patch: Uint8Array | undefined;
}

const toldVariables = ['CUDA_VISIBLE_DEVICES', 'CONDA_DEFAULT_ENV', 'CONDA_PREFIX', 'VIRTUAL_ENV'];

/** What of a launch's environment is told beside the code. */
export function toldEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<LaunchCode, 'modules' | 'environment'> {
  const told = Object.entries(pick(environment, toldVariables));
  return {
    modules: (environment['LOADEDMODULES'] ?? '').split(':').filter((name) => name !== ''),
    environment: Object.fromEntries(told.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}

/** MLXP's block `version_manager`: its three entries first. */
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

/** The code of a launch as its record tells it, with the patch beside that. */
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
    // The recorded environment has them already.
    pythonPath: [],
    patch,
  };
}

/** The entry `version_manager` of `info.yaml`. */
export function codeText(code: LaunchCode | undefined): string {
  return formatYaml(configValue({ version_manager: code ? recordOfCode(code) : null }));
}

/** Lists of directories, in which those of the work tree would bring in its files as they are now. */
const searchPaths = ['PATH', 'PYTHONPATH', 'LD_LIBRARY_PATH'];

/** The variables of a launch as its runs are to see them: what names directories of the work tree names those of the copy. */
export function environmentInCopy(
  entries: readonly (readonly [name: string, value: string])[],
  { pythonPath, version }: Pick<LaunchCode, 'pythonPath' | 'version'>,
): [name: string, value: string][] {
  const mapped = entries.map(([name, value]): [string, string] => {
    if (!searchPaths.includes(name)) return [name, value];
    const places = value.split(':').map((path) => (isAbsolute(path) ? (inCopy(version, path) ?? path) : path));
    return [name, places.join(':')];
  });
  if (pythonPath.length === 0) return mapped;
  const present = mapped.find(([name]) => name === 'PYTHONPATH')?.[1];
  const places = [...pythonPath, ...(present ? present.split(':') : [])];
  return [...mapped.filter(([name]) => name !== 'PYTHONPATH'), ['PYTHONPATH', [...new Set(places)].join(':')]];
}
