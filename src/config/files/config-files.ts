import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, posix, resolve } from 'node:path';
import omit from 'lodash/omit.js';
import uniq from 'lodash/uniq.js';
import { ifPresent } from '../../core/errno.js';
import { displayPath } from '../../core/paths.js';
import { fail, MlxError } from '../../failures/index.js';
import { isMapping, type Mapping, parseConfigYaml, readTextFile, type YamlFile } from '../../values/index.js';
import { checkValue, type ValueChecks } from '../apply/check-value.js';
import { readDefaults, readPackageHeader } from '../defaults/defaults-list.js';
import { builtinConfig, builtinOptions } from '../hydra.js';
import { parseText } from '../interpolate/interpolation.js';
import type { Surroundings } from '../interpolate/resolvers.js';
import { basesOf } from './bases.js';
import type { ConfigFile, ConfigFiles, ConfigText, SearchDirectory } from './types.js';

/** The largest file that is read as a config, in bytes. A larger one is a mistake. */
const maxBytes = 64 * 1024 * 1024;

/** Returns the configs in directories. A config in an earlier directory wins over one in a later. */
export function configFilesIn(
  searchPath: readonly SearchDirectory[],
  { cwd, env }: { readonly cwd: string; readonly env: Surroundings['env'] },
): ConfigFiles {
  const directories = searchPath.map(({ directory }) => directory);
  return configFiles(
    searchPath,
    {
      read: (path) => {
        const files = directories.map((directory) => join(directory, fileName(path)));
        const file = files.find((candidate) => existsSync(candidate));
        return file === undefined ? undefined : readConfigText(file, cwd);
      },
      readAt: (location) => (isFile(location) ? readConfigText(location, cwd) : undefined),
      options: (group) => {
        const found = directories.flatMap((directory) => {
          const inside = resolve(directory, group);
          if (!ifPresent(() => statSync(inside))?.isDirectory()) return [];
          return [readdirSync(inside).filter((name) => name.endsWith('.yaml'))];
        });
        return found.length === 0 ? undefined : found.flat().map((name) => name.replace(/\.yaml$/, ''));
      },
      all: () => directories.flatMap(pathsIn),
    },
    env,
  );
}

/** Returns a single file of shell templates, whatever its extension, with the bases that it names. */
export function templateFile(
  location: string,
  { cwd, env }: { readonly cwd: string; readonly env: Surroundings['env'] },
): ConfigFiles {
  const readAt = (path: string) => (isFile(path) ? readConfigText(path, cwd) : undefined);
  const read = (path: string) => (path === basename(location) ? readAt(location) : undefined);
  return configFiles([], { read, readAt, options: () => undefined }, env, 'shell');
}

const isFile = (path: string) => ifPresent(() => statSync(path))?.isFile() === true;

function readConfigText(location: string, cwd: string): ConfigText {
  const name = displayPath(location, cwd);
  if (statSync(location).size > maxBytes) fail({ reason: 'config-too-large', what: name });
  return { name, text: readTextFile(location, name), location };
}

/**
 * The most entries of a directory whose configs are all recorded. Beyond, only those that a launch used are.
 */
const maxEntries = 2000;

/** Returns the paths of all configs in a directory; [] if it has more than `maxEntries` entries. */
function pathsIn(directory: string): string[] {
  const waiting = [''];
  const paths: string[] = [];
  let seen = 0;
  for (const group of waiting) {
    const entries = ifPresent(() => readdirSync(join(directory, group), { withFileTypes: true })) ?? [];
    seen += entries.length;
    if (seen > maxEntries) return [];
    for (const entry of entries) {
      const path = posix.join(group, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.')) waiting.push(path);
      else if (entry.isFile() && entry.name.endsWith('.yaml')) paths.push(path.replace(/\.yaml$/, ''));
    }
  }
  return paths;
}

/** Returns the file name of a config. Hydra reads `.yaml` files only. */
export const fileName = (path: string) => (path.endsWith('.yaml') ? path : `${path}.yaml`);

/** A source of the texts of configs: directories or a launch's record. */
interface TextSource {
  readonly read: (path: string) => ConfigText | undefined;
  /** Reads a config outside the search path, which another config names as its base. */
  readonly readAt: (location: string) => ConfigText | undefined;
  readonly options: (group: string) => readonly string[] | undefined;
  /** Returns the paths of all configs to record, besides those that were read. */
  readonly all?: () => readonly string[];
}

/** How to read texts in configs: with well-formed interpolations, or as shell, where `${` may be anything. */
type TextKind = 'interpolated' | 'shell';

/** Returns the configs of a source of texts. */
export function configFiles(
  searchPath: readonly SearchDirectory[],
  texts: TextSource,
  env: Surroundings['env'],
  kind: TextKind = 'interpolated',
): ConfigFiles {
  const read = remembered((path) => (staysInside(path) ? texts.read(path) : undefined));
  const group = remembered((name) => (staysInside(name) ? texts.options(name) : undefined));
  const at = remembered(texts.readAt);
  const parse = (path: string, text: ConfigText, chain: readonly string[]): ConfigFile => {
    const file = parseConfig(path, text, kind);
    if (file.defaults.length > 0 || !file.content.has('_base_')) return file;
    const below = [...chain, text.location];
    const bases = basesOf(file, env, (location, span) => {
      if (below.includes(location)) fail({ reason: 'config-cycle', path: [...below, location], span });
      const base = at.get(location);
      return base
        ? parse(path, base, below)
        : fail({ reason: 'bad-config', span, problem: { kind: 'base-missing', location } });
    });
    return { ...file, content: without(file.content, '_base_'), bases };
  };
  const loaded = remembered((path) => {
    const found = read.get(path);
    return found ? parse(path, found, []) : builtinConfig(path);
  });
  return {
    searchPath,
    load: loaded.get,
    options: (name) => {
      const [own, builtin] = [group.get(name), builtinOptions(name)];
      return own || builtin ? uniq([...(own ?? []), ...(builtin ?? [])]).sort() : undefined;
    },
    used: () => Object.values({ ...read.answers(), ...at.answers() }).flatMap((found) => found?.name ?? []),
    record: () => {
      for (const path of texts.all?.() ?? []) {
        read.get(path);
        for (const directory of parentsOf(path)) group.get(directory);
      }
      return { files: read.answers(), bases: at.answers(), groups: group.answers() };
    },
  };
}

/** Returns the groups that contain a config: `a` and `a/b` for `a/b/c`. */
const parentsOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, parts) => parts.slice(0, i + 1).join('/'));

/** Returns false for a path that leads out of the search path. */
const staysInside = (path: string) => !path.split('/').includes('..') && !path.startsWith('/') && !path.includes('\0');

/** Asks once for each key and keeps the answers, null for undefined. */
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

function parseConfig(path: string, { name, text, location }: ConfigText, kind: TextKind): ConfigFile {
  const source = { name, text };
  const yaml = parseConfigYaml(source);
  const value = typeof yaml.value === 'string' ? new Map([[yaml.value, null]]) : (yaml.value ?? new Map());
  if (!isMapping(value)) return fail({ reason: 'yaml-not-mapping', path: source.name });
  checkValue(value, kind === 'shell' ? omit(checksOf(yaml), 'text') : checksOf(yaml));
  return {
    path,
    yaml,
    header: readPackageHeader(yaml),
    defaults: readDefaults(yaml),
    content: without(value, 'defaults'),
    location,
    bases: [],
  };
}

/** Returns a mapping without one of its keys. */
function without(content: Mapping, key: string): Mapping {
  if (!content.has(key)) return content;
  const rest = new Map(content);
  rest.delete(key);
  return rest;
}

/** OmegaConf's rules for keys and for texts with interpolations. */
const checksOf = (yaml: YamlFile): ValueChecks => ({
  text: (text, path) => {
    try {
      parseText({ name: String(path.at(-1)), text });
    } catch (error) {
      if (!(error instanceof MlxError) || error.failure.reason !== 'bad-interpolation') throw error;
      fail({ ...error.failure, span: yaml.spanAt(path) });
    }
  },
  nullKey: (path) => fail({ reason: 'bad-config', span: yaml.spanAt(path), problem: { kind: 'null-key' } }),
});
