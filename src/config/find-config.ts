import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fail } from '../core/failure.js';
import { displayPath } from '../core/paths.js';
import { isMapping, type Override } from '../sweep/index.js';
import type { ConfigBase } from './apply-override.js';

/** Where to look for the program's config, as asked for on the command line. */
export interface ConfigRequest {
  readonly cwd: string;
  /** The directory of the program's file; undefined for a bare command. */
  readonly programDirectory: string | undefined;
  /** `--config-path`; undefined for `configs`. */
  readonly path: string | undefined;
  /** `--config-name`; undefined for `config`. */
  readonly name: string | undefined;
  /** `--no-config`. */
  readonly none: boolean;
}

/**
 * The config that overrides apply to: `configs/config.yaml` beside the program, else in the working directory; without
 * one, the overrides alone. A path or name that was asked for must exist. Throws `config-not-found`,
 * `unreadable-file`, `yaml-syntax`, `yaml-not-mapping` or `config-defaults`.
 */
export async function loadConfigBase(request: ConfigRequest): Promise<ConfigBase> {
  if (request.none) return { kind: 'overrides-only' };
  const path = findConfigFile(request);
  if (path === undefined) return { kind: 'overrides-only' };
  const { readYamlFile } = await import('./yaml.js');
  const name = displayPath(path, request.cwd);
  const { value, spanAt } = readYamlFile(path, name);
  if (value === null) return { kind: 'file', name, mapping: new Map() };
  if (!isMapping(value)) return fail({ reason: 'yaml-not-mapping', path: name });
  if (value.has('defaults')) fail({ reason: 'config-defaults', span: spanAt(['defaults']) });
  return { kind: 'file', name, mapping: value };
}

/**
 * The options of the config group that an override is for, sorted: the YAML files in the group's directory, in the first
 * of the places for configs that has one. Throws `unknown-group`.
 */
export function groupOptions(request: ConfigRequest, { key, keySpan }: Override): string[] {
  const looked = directoriesFor(request).map((directory) => resolve(directory, ...key.split('/')));
  const directory = looked.find((candidate) => existsSync(candidate));
  if (directory === undefined) {
    const shown = looked.map((place) => displayPath(place, request.cwd));
    return fail({ reason: 'unknown-group', group: key, span: keySpan, looked: shown });
  }
  const files = readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
  return files.map((name) => name.replace(/\.ya?ml$/, '')).sort();
}

/** The directory of configs and their groups; undefined where there is none. */
export function findConfigDirectory(request: ConfigRequest): string | undefined {
  return directoriesFor(request).find((directory) => existsSync(directory));
}

/** The directories that configs may be in, those first that are looked at first. */
function directoriesFor(request: ConfigRequest): string[] {
  return placesOf(request).map((place) => resolve(place, request.path ?? 'configs'));
}

function placesOf({ cwd, programDirectory }: ConfigRequest): string[] {
  return programDirectory === undefined || programDirectory === cwd ? [cwd] : [programDirectory, cwd];
}

function findConfigFile(request: ConfigRequest): string | undefined {
  const { cwd, path, name } = request;
  const file = /\.ya?ml$/.test(name ?? '') ? (name ?? '') : `${name ?? 'config'}.yaml`;
  const looked = directoriesFor(request).map((directory) => resolve(directory, file));
  const found = looked.find((candidate) => existsSync(candidate));
  if (found === undefined && (path !== undefined || name !== undefined)) {
    fail({ reason: 'config-not-found', name: file, looked: looked.map((place) => displayPath(place, cwd)) });
  }
  return found;
}
