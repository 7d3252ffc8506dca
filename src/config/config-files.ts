import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import uniq from 'lodash/uniq.js';
import { ifPresent } from '../core/errno.js';
import { fail, MlxError } from '../core/failure.js';
import { displayPath } from '../core/paths.js';
import type { Source } from '../core/span.js';
import { readTextFile } from '../core/text-file.js';
import { isList, isMapping, type Value } from '../sweep/index.js';
import type { Mapping } from './apply-override.js';
import { type DefaultItem, readDefaults, readPackageHeader, withoutDefaults } from './defaults-list.js';
import { builtinConfig, builtinOptions } from './hydra.js';
import { isInterpolated, parseText } from './interpolation.js';
import { parseYaml, type YamlFile } from './yaml.js';

/** A config as it stands in its file. */
export interface ConfigFile {
  /** As defaults lists name it: `db/mysql`. */
  readonly path: string;
  readonly yaml: YamlFile;
  /** The package of its header, from the top of the config; undefined without one. */
  readonly header: string | undefined;
  readonly defaults: readonly DefaultItem[];
  /** Without the defaults list. */
  readonly content: Mapping;
}

/** The configs of a search path. */
export interface ConfigFiles {
  readonly places: readonly ConfigPlace[];
  /** A config by its path; undefined where there is none. Throws what `parseYaml` and `readDefaults` throw, and `bad-config`. */
  readonly load: (path: string) => ConfigFile | undefined;
  /** The options of a group, sorted; undefined where there is no such group. */
  readonly options: (group: string) => readonly string[] | undefined;
  /** The names of the files that were read so far. */
  readonly used: () => readonly string[];
  /** The texts of all configs, or of those that were asked for where there are very many, for the same answers at another time. */
  readonly record: () => ConfigTexts;
}

/** A directory that configs are looked for in, and who named it. */
export interface ConfigPlace {
  readonly provider: 'main' | 'command-line' | 'hydra.searchpath';
  readonly directory: string;
}

/** The texts of configs by path, and the options of groups; null for what is not there. */
export interface ConfigTexts {
  readonly files: Readonly<Record<string, { readonly name: string; readonly text: string } | null>>;
  readonly groups: Readonly<Record<string, readonly string[] | null>>;
}

/** A file of configs that is larger than this is taken for a mistake; bytes. */
const maxBytes = 64 * 1024 * 1024;

/** The configs in directories, of which those first win that stand first. */
export function configFilesIn(places: readonly ConfigPlace[], cwd: string): ConfigFiles {
  const directories = places.map(({ directory }) => directory);
  return configFiles(places, {
    read: (path) => {
      const files = directories.map((directory) => join(directory, fileName(path)));
      const file = files.find((candidate) => ifPresent(() => statSync(candidate))?.isFile());
      if (file === undefined) return undefined;
      const name = displayPath(file, cwd);
      if (statSync(file).size > maxBytes) fail({ reason: 'config-too-large', what: name });
      return { name, text: readTextFile(file, name) };
    },
    options: (group) => {
      const found = directories.flatMap((directory) => {
        const inside = resolve(directory, group);
        if (!ifPresent(() => statSync(inside))?.isDirectory()) return [];
        return [readdirSync(inside).filter((name) => name.endsWith('.yaml'))];
      });
      return found.length === 0 ? undefined : found.flat().map((name) => name.replace(/\.yaml$/, ''));
    },
    all: () => directories.flatMap(pathsIn),
  });
}

/** The paths of all configs in a directory; none where there are too many to be worth recording. */
function pathsIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'));
  if (files.length > maxRecorded) return [];
  return files.map(({ parentPath, name }) => relative(directory, join(parentPath, name)).replace(/\.yaml$/, ''));
}

/** Of a search path of more files than this, a record has only those that a launch used. */
const maxRecorded = 500;

/** Hydra reads `.yaml` files only. */
const fileName = (path: string) => (path.endsWith('.yaml') ? path : `${path}.yaml`);

/** What there is of configs, by path and by group. */
export interface Texts {
  readonly read: (path: string) => { readonly name: string; readonly text: string } | undefined;
  readonly options: (group: string) => readonly string[] | undefined;
  /** The paths of all that there are, where they are to be recorded too. */
  readonly all?: () => readonly string[];
}

/** The configs of texts. */
export function configFiles(places: readonly ConfigPlace[], texts: Texts): ConfigFiles {
  const read = remembered((path) => (staysInside(path) ? texts.read(path) : undefined));
  const group = remembered((name) => (staysInside(name) ? texts.options(name) : undefined));
  const loaded = remembered((path) => {
    const found = read.get(path);
    return found ? parseConfig(path, found) : builtinConfig(path);
  });
  return {
    places,
    load: loaded.get,
    options: (name) => {
      const [own, builtin] = [group.get(name), builtinOptions(name)];
      return own || builtin ? uniq([...(own ?? []), ...(builtin ?? [])]).sort() : undefined;
    },
    used: () => Object.values(read.answers()).flatMap((found) => found?.name ?? []),
    record: () => {
      for (const path of texts.all?.() ?? []) {
        read.get(path);
        for (const directory of parentsOf(path)) group.get(directory);
      }
      return { files: read.answers(), groups: group.answers() };
    },
  };
}

/** The groups that a config is in: `a/b` and `a` of `a/b/c`. */
const parentsOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, parts) => parts.slice(0, i + 1).join('/'));

/** A path may not lead out of the search path. */
const staysInside = (path: string) => !path.split('/').includes('..') && !path.startsWith('/') && !path.includes('\0');

/** Asks once for each key, and knows all that was answered. */
function remembered<T>(ask: (key: string) => T | undefined) {
  const answers = new Map<string, T | undefined>();
  return {
    get: (key: string): T | undefined => {
      if (!answers.has(key)) answers.set(key, ask(key));
      return answers.get(key);
    },
    answers: () => Object.fromEntries([...answers].map(([key, answer]) => [key, answer ?? null])),
  };
}

function parseConfig(path: string, source: Source): ConfigFile {
  const yaml = parseYaml(source);
  const value = typeof yaml.value === 'string' ? new Map([[yaml.value, null]]) : (yaml.value ?? new Map());
  if (!isMapping(value)) return fail({ reason: 'yaml-not-mapping', path: source.name });
  checkValue(value, yaml, []);
  return { path, yaml, header: readPackageHeader(yaml), defaults: readDefaults(yaml), content: withoutDefaults(value) };
}

/** What OmegaConf takes as a key, and as a text with interpolations. */
function checkValue(value: Value, yaml: YamlFile, path: readonly (string | number)[]): void {
  if (isInterpolated(value)) {
    try {
      parseText({ name: String(path.at(-1)), text: value });
    } catch (error) {
      if (!(error instanceof MlxError) || error.failure.reason !== 'bad-interpolation') throw error;
      fail({ ...error.failure, span: yaml.spanAt(path) });
    }
  } else if (isList(value)) {
    for (const [index, item] of value.entries()) checkValue(item, yaml, [...path, index]);
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      if (key === null)
        fail({ reason: 'bad-config', span: yaml.spanAt(path), problem: 'null can be no key of a config' });
      checkValue(item, yaml, [...path, String(key)]);
    }
  }
}
