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
import { type ConfigFiles, type ConfigPlace, configFilesIn, fileName } from './files/config-files.js';

/** Where to look for the program's config, as asked for on the command line. */
export interface ConfigRequest {
  readonly cwd: string;
  /** The directory of the program's file; undefined for a bare command. */
  readonly programDirectory: string | undefined;
  /** The program's name, without its ending. */
  readonly jobName: string | undefined;
  /** What the program says itself. */
  readonly declared: DeclaredConfig | undefined;
  /** `--config-path`; undefined for what the program declares, or `configs`. */
  readonly path: string | undefined;
  /** `--config-name`; undefined for what the program declares, or `config`. */
  readonly name: string | undefined;
  /** `--config-dir`: further directories of configs. */
  readonly directories: readonly string[];
  /** `--no-config`. */
  readonly none: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether runs are given the values of interpolations (the setting `resolve`). */
  readonly resolve: boolean;
}

/**
 * The config that overrides apply to: what the program declares, or `configs/config.yaml` beside the program, else in the
 * working directory; without one, the overrides alone. A path or name that was asked for must exist. Throws
 * `config-not-found`, `bad-search-path` and what reading the primary config throws.
 */
export function loadConfigBase(request: ConfigRequest, overrides: readonly Override[] = []): ConfigBase {
  if (request.none) return { kind: 'overrides-only' };
  const main = mainDirectory(request);
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
 * The options of the config group that an override is for, sorted: those of the search path, or where there is no config the YAML
 * files in the group's directory. Throws `unknown-group`.
 */
export function groupOptions(request: ConfigRequest, base: ConfigBase, { key, keySpan }: Override): readonly string[] {
  const directories = directoriesFor(request);
  const files = base.kind === 'composed' ? base.composer.files : configFilesIn(directories.map(mainPlace), request);
  const options = files.options(key);
  if (options) return options;
  const looked = directories.map((directory) => displayPath(join(directory, key), request.cwd));
  return fail({ reason: 'unknown-group', group: key, span: keySpan, looked });
}

/** The directory of configs and their groups; undefined where there is none. */
export function findConfigDirectory(request: ConfigRequest): string | undefined {
  return directoriesFor(request).find((directory) => existsSync(directory));
}

const mainPlace = (directory: string): ConfigPlace => ({ provider: 'main', directory });

/** The name of the primary config among the files. */
const primaryName = ({ name, declared }: ConfigRequest) => name ?? declared?.name ?? 'config';

/** The directory that has the primary config; undefined where there is none and none was asked for. */
function mainDirectory(request: ConfigRequest): string | undefined {
  const { cwd, path, name, declared } = request;
  // Python makes the config: there is nothing to be read.
  if (declared && declared.path === null && path === undefined) return undefined;
  const primary = primaryName(request);
  const file = fileName(primary);
  const looked = directoriesFor(request);
  const found = looked.find((directory) => existsSync(resolve(directory, file)));
  // Where further directories are named, it may be in one of them.
  const asked =
    (path !== undefined || name !== undefined || declared !== undefined) && request.directories.length === 0;
  if (found === undefined && asked) {
    fail({
      reason: 'config-not-found',
      name: file,
      looked: looked.map((place) => displayPath(resolve(place, file), cwd)),
    });
  }
  return found;
}

const lookedIn = ({ places }: ConfigFiles, { cwd }: ConfigRequest) =>
  places.map(({ directory }) => displayPath(directory, cwd));

/** The directories that configs may be in, those first that are looked at first. */
function directoriesFor(request: ConfigRequest): string[] {
  const { cwd, programDirectory, path, declared } = request;
  const places = programDirectory === undefined || programDirectory === cwd ? [cwd] : [programDirectory, cwd];
  if (path === undefined && declared?.path != null) return [resolve(programDirectory ?? cwd, declared.path)];
  return places.map((place) => resolve(place, path ?? 'configs'));
}

/** The main directory, those of `--config-dir`, and those that `hydra.searchpath` names in the primary config or an override. */
function searchPath(
  request: ConfigRequest,
  main: string | undefined,
  primary: string,
  overrides: readonly Override[],
): ConfigFiles {
  const { cwd } = request;
  const given = request.directories.map((directory): ConfigPlace => {
    const full = resolve(cwd, directory);
    if (!ifPresent(() => statSync(full))?.isDirectory())
      fail({ reason: 'config-not-found', name: directory, looked: [directory] });
    return { provider: 'command-line', directory: full };
  });
  const places = [...(main === undefined ? [] : [mainPlace(main)]), ...given];
  const files = configFilesIn(places, request);
  const file = files.load(primary);
  const override = overrides.findLast(({ key }) => key === 'hydra.searchpath');
  const [named, span] = override
    ? [overrideValue(override), override.span]
    : [file && valueAt(file.content, 'hydra.searchpath'), file?.yaml.spanAt(['hydra', 'searchpath'])];
  if (named === undefined || named === null || !span) return files;
  const more = (isList(named) ? named : [named]).map((entry) => directoryOf(entry, request, span));
  return more.length === 0 ? files : configFilesIn([...places, ...more], request);
}

function overrideValue({ value, span }: Override): Value {
  if (value === undefined || isSweep(value))
    return fail({ reason: 'bad-search-path', span, problem: { kind: 'swept' } });
  return elementValue(requireElement(value));
}

/** `file:///configs`, a path, or `pkg://package.of.python`, which is looked for beside the program and in the working directory. */
function directoryOf(entry: Value, { cwd, programDirectory }: ConfigRequest, span: Span): ConfigPlace {
  const bad = (problem: ProblemOf<'bad-search-path'>) => fail({ reason: 'bad-search-path', span, problem });
  if (typeof entry !== 'string') return bad({ kind: 'entry-not-text' });
  const scheme = /^(\w+):\/\/(.*)$/s.exec(entry);
  const [, name = 'file', rest = entry] = scheme ?? [];
  if (name !== 'file' && name !== 'pkg') return bad({ kind: 'unknown-scheme', scheme: name });
  const path = name === 'pkg' ? rest.replaceAll('.', '/') : rest;
  const places = name === 'pkg' && programDirectory !== undefined ? [programDirectory, cwd] : [cwd];
  const found = places
    .map((place) => resolve(place, path))
    .find((directory) => ifPresent(() => statSync(directory))?.isDirectory());
  return found === undefined
    ? bad({ kind: 'no-directory', entry })
    : { provider: 'hydra.searchpath', directory: found };
}
