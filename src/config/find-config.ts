import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { displayPath } from '../core/paths.js';
import type { Span } from '../core/span.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { elementValue, isSweep, type Override, requireElement } from '../sweep/index.js';
import { isList, type Value, valueAt } from '../values/index.js';
import { composerOf } from './compose.js';
import type { ConfigBase } from './config-base.js';
import type { DeclaredConfig } from './declared-config.js';
import { configFilesIn, fileName } from './files/config-files.js';
import type { ConfigFiles, SearchDirectory } from './files/types.js';

/** Where to look for the program's config, from the command line and the program. */
export interface ConfigRequest {
  readonly cwd: string;
  /** The directory of the program's file; undefined for a bare command. */
  readonly programDirectory: string | undefined;
  /** The program's name, without its extension. */
  readonly jobName: string | undefined;
  /** The config that the program itself declares. */
  readonly declared: DeclaredConfig | undefined;
  /** `--config-path`; by default what the program declares, or `configs`. */
  readonly path: string | undefined;
  /** `--config-name`; by default what the program declares, or `config`. */
  readonly name: string | undefined;
  /** `--config-dir`: further directories of configs. */
  readonly directories: readonly string[];
  /** `--no-config`. */
  readonly none: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether runs receive the values of interpolations (the setting `resolve`). */
  readonly resolve: boolean;
}

/**
 * Returns the config that overrides apply to: the one that the program declares, or `configs/config.yaml`
 * beside the program or in the working directory. Without a config file, it consists of the overrides only. A
 * path or a name that the user or the program gives must exist.
 * Throws `config-not-found`, `bad-search-path` and what reading the primary config throws.
 */
export function loadConfigBase(request: ConfigRequest, overrides: readonly Override[] = []): ConfigBase {
  if (request.none) return { kind: 'overrides-only' };
  const main = findMainDirectory(request);
  if (main === undefined && request.directories.length === 0) return { kind: 'overrides-only' };
  const primary = primaryName(request);
  const files = searchPath(request, main, primary, overrides);
  const file = files.load(primary);
  if (!file) return fail({ reason: 'config-not-found', name: fileName(primary), looked: lookedIn(files, request) });
  const { env, jobName } = request;
  const composer = composerOf({ files, primary, name: file.yaml.source.name, env, jobName });
  return { kind: 'composed', composer, resolve: request.resolve };
}

/**
 * Returns the options of an override's config group, sorted. They come from the search path, or without a
 * config from the YAML files in the group's directory. Throws `unknown-group`.
 */
export function groupOptions(request: ConfigRequest, base: ConfigBase, { key, keySpan }: Override): readonly string[] {
  const directories = directoriesFor(request);
  const files = base.kind === 'composed' ? base.composer.files : configFilesIn(directories.map(mainDirectory), request);
  const options = files.options(key);
  if (options) return options;
  const looked = directories.map((directory) => displayPath(join(directory, key), request.cwd));
  return fail({ reason: 'unknown-group', group: key, span: keySpan, looked });
}

/** Returns the directory of configs and groups; undefined if there is none. */
export function findConfigDirectory(request: ConfigRequest): string | undefined {
  return directoriesFor(request).find((directory) => existsSync(directory));
}

const mainDirectory = (directory: string): SearchDirectory => ({ provider: 'main', directory });

/** Returns the name of the primary config. */
const primaryName = ({ name, declared }: ConfigRequest) => name ?? declared?.name ?? 'config';

/**
 * Returns the directory of the primary config; undefined if there
 * is none and none was asked for. Throws `config-not-found`.
 */
function findMainDirectory(request: ConfigRequest): string | undefined {
  const { cwd, path, name, declared } = request;
  // Python code makes the config, so there is no file to read.
  if (declared && declared.path === null && path === undefined) return undefined;
  const primary = primaryName(request);
  const file = fileName(primary);
  const looked = directoriesFor(request);
  const found = looked.find((directory) => existsSync(resolve(directory, file)));
  // With `--config-dir`, the config may be in one of those directories.
  const asked =
    (path !== undefined || name !== undefined || declared !== undefined) && request.directories.length === 0;
  if (found === undefined && asked) {
    fail({
      reason: 'config-not-found',
      name: file,
      looked: looked.map((directory) => displayPath(resolve(directory, file), cwd)),
    });
  }
  return found;
}

const lookedIn = ({ searchPath }: ConfigFiles, { cwd }: ConfigRequest) =>
  searchPath.map(({ directory }) => displayPath(directory, cwd));

/** Returns the directories that may contain the primary config, in the order in which they are searched. */
function directoriesFor(request: ConfigRequest): string[] {
  const { cwd, programDirectory, path, declared } = request;
  const parents = programDirectory === undefined || programDirectory === cwd ? [cwd] : [programDirectory, cwd];
  if (path === undefined && declared?.path != null) return [resolve(programDirectory ?? cwd, declared.path)];
  return parents.map((parent) => resolve(parent, path ?? 'configs'));
}

/**
 * Returns the configs of the main directory, of `--config-dir` and of `hydra.searchpath`, which the primary
 * config or an override sets. Throws `config-not-found` or `bad-search-path`.
 */
function searchPath(
  request: ConfigRequest,
  main: string | undefined,
  primary: string,
  overrides: readonly Override[],
): ConfigFiles {
  const { cwd } = request;
  const given = request.directories.map((directory): SearchDirectory => {
    const full = resolve(cwd, directory);
    if (!ifPresent(() => statSync(full))?.isDirectory())
      fail({ reason: 'config-not-found', name: directory, looked: [directory] });
    return { provider: 'command-line', directory: full };
  });
  const directories = [...(main === undefined ? [] : [mainDirectory(main)]), ...given];
  const files = configFilesIn(directories, request);
  const file = files.load(primary);
  const override = overrides.findLast(({ key }) => key === 'hydra.searchpath');
  const [named, span] = override
    ? [overrideValue(override), override.span]
    : [file && valueAt(file.content, 'hydra.searchpath'), file?.yaml.spanAt(['hydra', 'searchpath'])];
  if (named === undefined || named === null || !span) return files;
  const more = (isList(named) ? named : [named]).map((entry) => directoryOf(entry, request, span));
  return more.length === 0 ? files : configFilesIn([...directories, ...more], request);
}

function overrideValue({ value, span }: Override): Value {
  if (value === undefined || isSweep(value))
    return fail({ reason: 'bad-search-path', span, problem: { kind: 'swept' } });
  return elementValue(requireElement(value));
}

/**
 * Returns the directory of an entry: `file:///configs`, a path, or `pkg://package.of.python`, which may be
 * beside the program or in the working directory. Throws `bad-search-path`.
 */
function directoryOf(entry: Value, { cwd, programDirectory }: ConfigRequest, span: Span): SearchDirectory {
  const bad = (problem: ProblemOf<'bad-search-path'>) => fail({ reason: 'bad-search-path', span, problem });
  if (typeof entry !== 'string') return bad({ kind: 'entry-not-text' });
  const scheme = /^(\w+):\/\/(.*)$/s.exec(entry);
  const [, name = 'file', rest = entry] = scheme ?? [];
  if (name !== 'file' && name !== 'pkg') return bad({ kind: 'unknown-scheme', scheme: name });
  const path = name === 'pkg' ? rest.replaceAll('.', '/') : rest;
  const parents = name === 'pkg' && programDirectory !== undefined ? [programDirectory, cwd] : [cwd];
  const found = parents
    .map((parent) => resolve(parent, path))
    .find((directory) => ifPresent(() => statSync(directory))?.isDirectory());
  return found === undefined
    ? bad({ kind: 'no-directory', entry })
    : { provider: 'hydra.searchpath', directory: found };
}
