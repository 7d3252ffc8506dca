import type { Mapping, YamlFile } from '../../values/index.js';
import type { DefaultItem } from '../defaults/defaults-list.js';

/** A config as its file has it, before composing. */
export interface ConfigFile {
  /** The path by which defaults lists name it: `db/mysql`. */
  readonly path: string;
  readonly yaml: YamlFile;
  /** The package in its header, from the top of the config; undefined without a header. */
  readonly header: string | undefined;
  readonly defaults: readonly DefaultItem[];
  /** The keys of the file, without the defaults list. */
  readonly content: Mapping;
  /** The absolute path of its file. */
  readonly location: string;
  /** The configs that it names as its bases. Later ones override earlier ones. */
  readonly bases: readonly ConfigFile[];
}

/** The configs of a search path. */
export interface ConfigFiles {
  readonly searchPath: readonly SearchDirectory[];
  /**
   * Returns a config by its path; undefined if there is no such config.
   * Throws what `parseConfigYaml` and `readDefaults` throw, and `bad-config`.
   */
  readonly load: (path: string) => ConfigFile | undefined;
  /** Returns the options of a group, sorted; undefined if there is no such group. */
  readonly options: (group: string) => readonly string[] | undefined;
  /** Returns the names of the files that were read so far. */
  readonly used: () => readonly string[];
  /**
   * Returns the texts of all configs, so that a later launch composes the same ones. Of a directory with very
   * many files it returns only the configs that were asked for.
   */
  readonly record: () => ConfigTexts;
}

/** A directory of the search path, and what named it. */
export interface SearchDirectory {
  readonly provider: 'main' | 'command-line' | 'hydra.searchpath';
  readonly directory: string;
}

/** The text of a config, its name in messages and its absolute path. */
export interface ConfigText {
  readonly name: string;
  readonly text: string;
  readonly location: string;
}

/**
 * Texts of configs by path, of bases by absolute path, and
 * options of groups. Null means that there is no such file.
 */
export interface ConfigTexts {
  readonly files: Readonly<Record<string, ConfigText | null>>;
  readonly bases: Readonly<Record<string, ConfigText | null>>;
  readonly groups: Readonly<Record<string, readonly string[] | null>>;
}
