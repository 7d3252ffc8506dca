import uniq from 'lodash/uniq.js';
import { type ExpressionValue, plainJson } from '../../expression/index.js';
import type { RunResult } from '../run-result.js';
import { differingKeys } from '../tables/table.js';

/**
 * The keys in which runs differ, as people name them: keys of overrides as they were typed (`model`, for a config group), then keys of the
 * config in which runs differ for another reason. What a swept group brings with it (`model.width`) is not listed.
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

/** The keys that tell runs apart by themselves: of `sweptKeys` without keys of the config that the overrides decide, such as `name: run-${lr}`. */
export function tellingKeys(results: readonly RunResult[]): string[] {
  const typed = sweptOverrides(results);
  const values = typed.map((key) => valuesOf(results, key));
  const points = results.map((_, i) => values.map((one) => one[i]).join('\n'));
  return sweptKeys(results).filter((key) => typed.includes(key) || !isDecidedBy(points, valuesOf(results, key)));
}

/**
 * What a run was given for a key: the override as it was typed, but a text without its quotes; else the value in its config. Undefined where it
 * has neither.
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

/** As texts that can be compared; empty for a run that has none. */
const valuesOf = (results: readonly RunResult[], key: string) =>
  results.map((result) => {
    const value = settingValue(result, key);
    return value === undefined ? '' : JSON.stringify(plainJson(value));
  });

/** Keys of overrides in which runs differ: `1e-3` and `0.001` do not, where the config has the number. */
function sweptOverrides(results: readonly RunResult[]): string[] {
  const keys = uniq(
    results.flatMap(({ columns }) =>
      [...columns.keys()].flatMap((name) => (name.startsWith('override.') ? name.slice('override.'.length) : [])),
    ),
  );
  return keys.filter((key) => {
    const values = uniq(valuesOf(results, key));
    // A group that only some runs typed may be the default of the others.
    if (values.length === 2 && values.includes('') && !isConfigKey(results, key)) return bringsDifference(results, key);
    return values.length > 1;
  });
}

function bringsDifference(results: readonly RunResult[], group: string): boolean {
  const own = packageOf(group, results);
  return own === undefined || differingKeys(results).some((key) => key.startsWith(`${own}.`));
}

/** Where a group's keys are in the config: `model`, `db.mysql` for `db/mysql`, `backbone` for `model@backbone`; undefined where its package is not known. */
function packageOf(group: string, results: readonly RunResult[]): string | undefined {
  const own = group.replace(/^.*[@:]/s, '').replaceAll('/', '.');
  const isThere = results.some(({ columns }) => [...columns.keys()].some((name) => name.startsWith(`config.${own}.`)));
  return isThere ? own : undefined;
}

/** Whether equal words always go with equal values. */
function isDecidedBy(words: readonly string[], values: readonly string[]): boolean {
  const known = new Map<string, string | undefined>();
  return words.every((word, i) => {
    if (!known.has(word)) known.set(word, values[i]);
    return known.get(word) === values[i];
  });
}
