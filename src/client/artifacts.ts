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
 * How to save and load the artifacts of a type. Built in are `json` (data), `text`, `file` (a path to copy),
 * `binary` and `image` (bytes). Python's `mlxrun` has further types: pickle, numpy and torch.
 */
export interface ArtifactType {
  readonly save: (value: unknown, path: string) => void;
  readonly load: (path: string) => unknown;
}

/** The artifact types of this library, by name. */
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
/** The built-in types and those that the program registers, by name. */
export const types = new Map(Object.entries(builtInTypes));
const pythonTypes = new Set(['pickle', 'numpy', 'torch']);

function saveBytes(value: unknown, path: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError('bytes are a Uint8Array or a Buffer');
  writeFileSync(path, value);
}

/** Adds an artifact type. Throws `TypeError` for the name of a built-in type and for other characters. */
export function registerArtifactType(name: string, type: ArtifactType): void {
  if (Object.hasOwn(builtInTypes, name) || pythonTypes.has(name) || name === 'Checkpoint' || !/^[\w-]+$/.test(name)) {
    throw new TypeError(`'${name}' can't be an artifact type: choose another name of letters, digits, _ and -`);
  }
  types.set(name, type);
}

/** Returns an artifact type. Throws `TypeError` for an unknown type and for Python's own types. */
export function artifactType(name: string): ArtifactType {
  const type = types.get(name);
  if (type) return type;
  const known = [...types.keys()].join(', ');
  throw new TypeError(
    `${pythonTypes.has(name) ? `'${name}' is a type of Python's` : `unknown artifact type '${name}'`}; there are: ${known}`,
  );
}

/** Returns the path of an artifact. Throws `TypeError` for a name that leads out of the run. */
export function artifactPath(root: string, type: string, name: string): string {
  const directory = join(root, 'artifacts', type);
  const path = join(directory, name);
  if (!path.startsWith(directory + sep)) throw new TypeError(`an artifact's name stays inside of its run: '${name}'`);
  return path;
}

/** Saves an artifact atomically and adds it to MLXP's index. `flush` writes it to the disk first. */
export function saveArtifact(
  dir: string,
  { type, name }: { readonly type: string; readonly name: string },
  save: (path: string) => void,
  flush = false,
): void {
  writeWhole(artifactPath(dir, type, name), save, flush);
  const path = join(dir, 'artifacts', '.keys', 'artifacts.yaml');
  const index = structuredClone(readIndex(path)) as Nested;
  const folder = dirname(name);
  const keys = [type, folder === '.' ? '' : `.${folder.replaceAll('/', '.')}`, basename(name)];
  if (has(index, keys)) return;
  setWith(index, keys, '', Object);
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

/**
 * Reads an index in `.keys` of mlx or MLXP. Returns {} for
 * a missing or a damaged one, which is then written again.
 */
export function readIndex(path: string): Config {
  try {
    return existsSync(path) ? readConfig(path) : {};
  } catch {
    return {};
  }
}

/**
 * Writes a file atomically, like `replaceFile`, and makes its directory. `flush` writes the bytes to the disk
 * before the file is replaced.
 */
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
