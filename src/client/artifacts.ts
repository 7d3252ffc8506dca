import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import has from 'lodash/has.js';
import setWith from 'lodash/setWith.js';
import { replaceFile } from '../core/atomic-file.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import { type Config, readConfig } from './config.js';

/**
 * How artifacts are saved: `json` (data), `text`, `file` (a path to copy), `binary` and `image` (bytes). Types of Python's own
 * (pickle, numpy, torch) are for `mlxrun.py`.
 */
export interface ArtifactType {
  readonly save: (value: unknown, path: string) => void;
  readonly load: (path: string) => unknown;
}

export const builtInTypes: Readonly<Record<string, ArtifactType>> = {
  json: {
    save: (value, path) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`),
    load: (path) => JSON.parse(readFileSync(path, 'utf8')),
  },
  text: { save: (value, path) => writeFileSync(path, String(value)), load: (path) => readFileSync(path, 'utf8') },
  file: { save: (value, path) => copyFileSync(String(value), path), load: (path) => path },
  binary: { save: saveBytes, load: (path) => readFileSync(path) },
  image: { save: saveBytes, load: (path) => readFileSync(path) },
};
export const types = new Map(Object.entries(builtInTypes));
const pythonTypes = new Set(['pickle', 'numpy', 'torch']);

function saveBytes(value: unknown, path: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError('bytes are a Uint8Array or a Buffer');
  writeFileSync(path, value);
}

/** Adds an artifact type. Throws `TypeError` for the name of one that is built in. */
export function registerArtifactType(name: string, type: ArtifactType): void {
  if (Object.hasOwn(builtInTypes, name) || pythonTypes.has(name) || name === 'Checkpoint' || !/^[\w-]+$/.test(name)) {
    throw new TypeError(`'${name}' can't be an artifact type: choose another name of letters, digits, _ and -`);
  }
  types.set(name, type);
}

/** Throws `TypeError` for a type that is not known, or is Python's. */
export function artifactType(name: string): ArtifactType {
  const type = types.get(name);
  if (type) return type;
  const known = [...types.keys()].join(', ');
  throw new TypeError(
    `${pythonTypes.has(name) ? `'${name}' is a type of Python's` : `unknown artifact type '${name}'`}; there are: ${known}`,
  );
}

/** Where an artifact is. Throws `TypeError` for a name that leads out of the run. */
export function artifactPath(root: string, type: string, name: string): string {
  const directory = join(root, 'artifacts', type);
  const path = join(directory, name);
  if (!path.startsWith(directory + sep)) throw new TypeError(`an artifact's name stays inside of its run: '${name}'`);
  return path;
}

/** Saves an artifact whole or not at all, and puts it into MLXP's index. */
export function saveArtifact(
  dir: string,
  type: string,
  name: string,
  save: (path: string) => void,
  flush = false,
): void {
  writeWhole(artifactPath(dir, type, name), save, flush);
  const path = join(dir, 'artifacts', '.keys', 'artifacts.yaml');
  const index = structuredClone(readIndex(path)) as Nested;
  const folder = dirname(name);
  const place = [type, folder === '.' ? '' : `.${folder.replaceAll('/', '.')}`, basename(name)];
  if (has(index, place)) return;
  setWith(index, place, '', Object);
  writeWhole(path, (temporary) => writeFileSync(temporary, nestedYaml(index, '')));
}

type Nested = { readonly [key: string]: string | Nested };

function nestedYaml(mapping: Nested, indent: string): string {
  return Object.entries(mapping)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, value]) =>
        `${indent}${yamlScalar(key)}:${typeof value === 'string' ? " ''\n" : `\n${nestedYaml(value, `${indent}  `)}`}`,
    )
    .join('');
}

/** A `.keys` file. An index of ours or MLXP's; one that is damaged is made anew. */
export function readIndex(path: string): Config {
  try {
    return existsSync(path) ? readConfig(path) : {};
  } catch {
    return {};
  }
}

/** `replaceFile`, its directory made where it is missing; with `flush` the bytes are on the disk before. */
export function writeWhole(path: string, save: (path: string) => void, flush = false): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, (temporary) => {
    save(temporary);
    if (flush) flushFileNow(temporary);
  });
}

function flushFileNow(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
