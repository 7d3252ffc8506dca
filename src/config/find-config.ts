import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fail } from '../core/failure.js';
import { displayPath } from '../core/paths.js';
import { isMapping } from '../sweep/index.js';
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

function findConfigFile({ cwd, programDirectory, path, name }: ConfigRequest): string | undefined {
  const file = /\.ya?ml$/.test(name ?? '') ? (name ?? '') : `${name ?? 'config'}.yaml`;
  const places = programDirectory === undefined || programDirectory === cwd ? [cwd] : [programDirectory, cwd];
  const looked = places.map((place) => resolve(place, path ?? 'configs', file));
  const found = looked.find((candidate) => existsSync(candidate));
  if (found === undefined && (path !== undefined || name !== undefined)) {
    fail({ reason: 'config-not-found', name: file, looked: looked.map((place) => displayPath(place, cwd)) });
  }
  return found;
}
