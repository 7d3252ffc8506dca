import uniq from 'lodash/uniq.js';
import { type ExpressionValue, plainJson } from '../../expression/index.js';
import type { RunResult } from '../run-result.js';

/**
 * The keys in which runs differ: first the keys of overrides as they were typed (`model`, for a config
 * group), then config keys that differ for another reason. Keys that a swept group sets (`model.width`) are
 * left out.
 */
export function sweptKeys(results: readonly RunResult[]): string[] {
  const typed = sweptOverrides(results);
  const groups = typed.filter((key) => !isConfigKey(results, key));
  const words = results.map((result) => JSON.stringify(groups.map((key) => typedText(result, key) ?? null)));
  const packages = groups.map((group) => packageOf(group, results));
  const isInGroup = (key: string) => packages.some((own) => own === undefined || key.startsWith(`${own}.`));
  const others = differingKeys(results).filter(
    (key) => !typed.includes(key) && !(isInGroup(key) && isDecidedBy(words, valuesOf(results, key))),
  );
  return [...typed, ...others];
}

/** `sweptKeys` without the config keys that follow from the overrides, such as `name: run-${lr}`. */
export function distinguishingKeys(results: readonly RunResult[]): string[] {
  const typed = sweptOverrides(results);
  const values = typed.map((key) => valuesOf(results, key));
  const points = results.map((_, i) => values.map((one) => one[i]).join('\n'));
  return sweptKeys(results).filter((key) => typed.includes(key) || !isDecidedBy(points, valuesOf(results, key)));
}

/**
 * A run's setting of a key: the override as it was typed, without the quotes of a text; else the value in its
 * config. Undefined if it has neither.
 */
export function settingText(result: RunResult, key: string): string | undefined {
  const text = typedText(result, key);
  const value = result.columns.get(`config.${key}`);
  if (text !== undefined) return /^['"]/.test(text) && typeof value === 'string' ? value : text;
  if (value === undefined) return undefined;
  return Array.isArray(value) ? JSON.stringify(plainJson(value)) : String(value);
}

function typedText(result: RunResult, key: string): string | undefined {
  const value = result.columns.get(`override.${key}`);
  return value === undefined ? undefined : String(value);
}

const settingValue = (result: RunResult, key: string): ExpressionValue =>
  result.columns.get(`config.${key}`) ?? result.columns.get(`override.${key}`);

const isConfigKey = (results: readonly RunResult[], key: string) =>
  results.some(({ columns }) => columns.has(`config.${key}`));

/** The runs' values of a key as comparable texts; empty for a run that has none. */
const valuesOf = (results: readonly RunResult[], key: string) =>
  results.map((result) => {
    const value = settingValue(result, key);
    return value === undefined ? '' : JSON.stringify(plainJson(value));
  });

/** Keys of overrides in which runs differ. If the config has the number, `1e-3` and `0.001` are the same. */
function sweptOverrides(results: readonly RunResult[]): string[] {
  const keys = uniq(
    results.flatMap(({ columns }) =>
      [...columns.keys()].flatMap((name) => (name.startsWith('override.') ? name.slice('override.'.length) : [])),
    ),
  );
  return keys.filter((key) => {
    const values = uniq(valuesOf(results, key));
    // If only some runs typed a group, it may be the default of the others.
    if (values.length === 2 && values.includes('') && !isConfigKey(results, key)) return bringsDifference(results, key);
    return values.length > 1;
  });
}

/** Whether runs differ in the config keys that a group sets, or the group's package is unknown. */
function bringsDifference(results: readonly RunResult[], group: string): boolean {
  const own = packageOf(group, results);
  return own === undefined || differingKeys(results).some((key) => key.startsWith(`${own}.`));
}

/**
 * The config key below which a group puts its keys: `model`, `db.mysql` for `db/mysql`, `backbone` for
 * `model@backbone`. Undefined if no config has such a key.
 */
function packageOf(group: string, results: readonly RunResult[]): string | undefined {
  const own = group.replace(/^.*[@:]/s, '').replaceAll('/', '.');
  const isThere = results.some(({ columns }) => [...columns.keys()].some((name) => name.startsWith(`config.${own}.`)));
  return isThere ? own : undefined;
}

/** Whether runs with equal words always have equal values. */
function isDecidedBy(words: readonly string[], values: readonly string[]): boolean {
  const known = new Map<string, string | undefined>();
  return words.every((word, i) => {
    if (!known.has(word)) known.set(word, values[i]);
    return known.get(word) === values[i];
  });
}

/**
 * The config keys, without `config.`, in which results differ. A key that only some results have differs,
 * too.
 */
export function differingKeys(results: readonly RunResult[]): string[] {
  const values = new Map<string, Set<string>>();
  results.forEach(({ columns }, i) => {
    for (const [name, value] of columns) {
      if (!name.startsWith('config.')) continue;
      const seen = values.get(name) ?? new Set(i === 0 ? [] : ['missing']);
      values.set(name, seen.add(JSON.stringify(value) ?? 'missing'));
    }
    for (const [name, seen] of values) if (!columns.has(name)) seen.add('missing');
  });
  return [...values].flatMap(([name, seen]) => (seen.size > 1 ? [name.slice('config.'.length)] : []));
}
