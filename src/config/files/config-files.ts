import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, posix, resolve } from 'node:path';
import omit from 'lodash/omit.js';
import uniq from 'lodash/uniq.js';
import { ifPresent } from '../../core/errno.js';
import { displayPath } from '../../core/paths.js';
import { fail, MlxError } from '../../failures/index.js';
import type { Mapping } from '../../values/index.js';
import { isMapping, parseConfigYaml, readTextFile, type YamlFile } from '../../values/index.js';
import { checkValue, type ValueChecks } from '../apply/check-value.js';
import { type DefaultItem, readDefaults, readPackageHeader } from '../defaults/defaults-list.js';
import { builtinConfig, builtinOptions } from '../hydra.js';
import { parseText } from '../interpolate/interpolation.js';
import type { Surroundings } from '../interpolate/resolvers.js';
import { basesOf } from './bases.js';

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
  /** The absolute path of its file. */
  readonly location: string;
  /** The configs that it names as its bases, those first that others go over. */
  readonly bases: readonly ConfigFile[];
}

/** The configs of a search path. */
export interface ConfigFiles {
  readonly places: readonly ConfigPlace[];
  /** A config by its path; undefined where there is none. Throws what `parseConfigYaml` and `readDefaults` throw, and `bad-config`. */
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

/** The text of a config, its name for people and its absolute path. */
export interface ConfigText {
  readonly name: string;
  readonly text: string;
  readonly location: string;
}

/** The texts of configs by path, those of bases by absolute path, and the options of groups; null for what is not there. */
export interface ConfigTexts {
  readonly files: Readonly<Record<string, ConfigText | null>>;
  readonly bases: Readonly<Record<string, ConfigText | null>>;
  readonly groups: Readonly<Record<string, readonly string[] | null>>;
}

/** A file of configs that is larger than this is taken for a mistake; bytes. */
const maxBytes = 64 * 1024 * 1024;

/** The configs in directories, of which those first win that stand first. */
export function configFilesIn(
  places: readonly ConfigPlace[],
  { cwd, env }: { readonly cwd: string; readonly env: Surroundings['env'] },
): ConfigFiles {
  const directories = places.map(({ directory }) => directory);
  return configFiles(
    places,
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

/** One file of shell templates, whatever its name ends with, and the bases that it names. */
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

/** Of a directory with more in it than this, a record has only the configs that a launch used. */
const maxEntries = 2000;

/** The paths of all configs in a directory; none where it holds much else. */
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

/** Hydra reads `.yaml` files only. */
export const fileName = (path: string) => (path.endsWith('.yaml') ? path : `${path}.yaml`);

/** What there is of configs, by path and by group. */
export interface Texts {
  readonly read: (path: string) => ConfigText | undefined;
  /** A config outside of the search path, which another names as its base. */
  readonly readAt: (location: string) => ConfigText | undefined;
  readonly options: (group: string) => readonly string[] | undefined;
  /** The paths of all that there are, where they are to be recorded too. */
  readonly all?: () => readonly string[];
}

/** What the texts in configs are: with interpolations that are well formed, or shell, in which `${` may be anything. */
export type TextKind = 'interpolated' | 'shell';

/** The configs of texts. */
export function configFiles(
  places: readonly ConfigPlace[],
  texts: Texts,
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
    places,
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

/** A mapping without one of its keys. */
function without(content: Mapping, key: string): Mapping {
  if (!content.has(key)) return content;
  const rest = new Map(content);
  rest.delete(key);
  return rest;
}

/** What OmegaConf takes as a key, and as a text with interpolations. */
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
