import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import setWith from 'lodash/setWith.js';
import { parseOverride } from '../sweep/index.js';
import { isMapping, parseYaml, readYamlFile, type Value } from '../values/index.js';

/** A config as plain JavaScript data. */
export interface Config {
  readonly [key: string]: ConfigValue;
}

/** A value of a config as plain JavaScript data. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | Config;

/** Reads a config. Returns {} if the file has no mapping. Throws `unreadable-file` or `yaml-syntax`. */
export function readConfig(path: string): Config {
  const { value } = readYamlFile(path, path);
  return isMapping(value) ? (plain(value) as Config) : {};
}

/**
 * Reads the config of a program that runs without mlx. Throws
 * an Error for a defaults list, which only mlx composes.
 */
export function readOwnConfig(path: string): Config {
  const config = readConfig(besideProgram(path));
  if (!('defaults' in config)) return config;
  throw new Error(`${path} has a defaults list, which mlx composes: start the program with mlx run`);
}

/** Returns a path beside the program if that file exists, otherwise from the working directory. */
function besideProgram(path: string): string {
  const beside = join(dirname(process.argv[1] ?? '.'), path);
  return existsSync(beside) ? beside : path;
}

/**
 * Returns a config with the `key=value` words of a command line applied, for a program that runs without mlx.
 * Other words are ignored. Throws `override-syntax` or `yaml-syntax`.
 */
export function withOverrides(config: Config, words: readonly string[]): Config {
  const result = structuredClone(config);
  for (const word of words) {
    if (word.startsWith('-') || !word.includes('=')) continue;
    const text = word.slice(word.indexOf('=') + 1);
    const value = text === '' ? '' : plain(parseYaml({ name: word, text }).value);
    setWith(result, parseOverride(word).key.split('.'), value, Object);
  }
  return result;
}

/**
 * Returns a value as JavaScript data. An int beyond 2^53 loses its last digits, as everywhere in JavaScript.
 */
function plain(value: Value): ConfigValue {
  if (isMapping(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'bigint' ? Number(value) : (value as ConfigValue);
}
