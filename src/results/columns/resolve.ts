import { existsSync, readdirSync } from 'node:fs';
import { join, normalize } from 'node:path';
import uniq from 'lodash/uniq.js';
import { ifPresent } from '../../core/errno.js';
import type { Source } from '../../core/span.js';
import { nearestSome } from '../../core/suggest.js';
import {
  comparisonsIn,
  type Expression,
  type ExpressionValue,
  holds,
  namesIn,
  writtenName,
} from '../../expression/index.js';
import { fail, unreachable } from '../../failures/index.js';
import { knownStatuses, runPaths } from '../../store/index.js';
import {
  type ColumnName,
  isReducer,
  metricValue,
  parseColumnName,
  type RunResult,
  reducerWords,
} from '../run-result.js';
import { ageOf, factNames, leadingFacts } from './facts.js';
import { deleted } from './overrides.js';

/**
 * What a name can mean, in the order in which its meanings are looked for. The first that any run has is what the name means in
 * all of them, so that a column is of one kind: a metric in one run is never compared with a key of the config in another.
 *
 * - `prefixed`: `config.KEY`, `info.KEY`, `override.KEY`, `artifact.TYPE.NAME`
 * - `leading`: `run`, `status`, `launch`, `attempt`
 * - `metric`: `LOG.KEY`
 * - `key`: a key of the config; of a group, which has no value of its own, the option as it was typed
 * - `fact`: `name`, `engine`, `host`, …
 */
const meanings = ['prefixed', 'leading', 'metric', 'key', 'fact'] as const;

export type Meaning = (typeof meanings)[number];

/** A column as it is written, where a mistake in it is to be shown. */
export interface WrittenColumn extends ColumnName {
  readonly source: Source;
  readonly offset: number;
}

/** A column that was looked up. */
export interface Column extends ColumnName {
  readonly meaning: Meaning;
  /** The name by which its other meaning is reached, where the runs have both. */
  readonly other: string | undefined;
}

/** The runs that are asked about, and the others of the store, among which a name may be known that those do not have yet. */
export interface KnownRuns {
  readonly results: readonly RunResult[];
  readonly others: () => readonly RunResult[];
  /** Whether some result may have a column of this name; what is false needs no look at each of them. */
  readonly mayHave: (column: string) => boolean;
}

/** `a,b.c@min` in an option as columns with their places. A name may stand in backticks, as in expressions. */
export function writtenColumns(text: string, option: string): WrittenColumn[] {
  const source = { name: option, text };
  return [...text.matchAll(/(?:`[^`]*`|[^,`])+|(?<=,|^)(?=,|$)/g)].map(({ 0: word, index }) => {
    const offset = index + (word.length - word.trimStart().length);
    return { ...parseColumnName(word.trim().replace(/`([^`]+)`/, '$1')), source, offset };
  });
}

/** A key of the config, or a group by its typed word, as a column: what `sweptKeys` names. */
export const keyColumn = (name: string): ColumnName & Pick<Column, 'meaning'> => ({
  name,
  reducer: undefined,
  meaning: 'key',
});

export const columnText = ({ name, reducer }: ColumnName) => (reducer === undefined ? name : `${name}@${reducer}`);

/**
 * The value of a column of a run; undefined where the run has none. A column that was not looked up among the runs, as one whose
 * name comes from the run itself, has the first meaning that this run has for it.
 */
export function resultValue(result: RunResult, column: ColumnName & Partial<Column>): ExpressionValue {
  const { name, reducer, meaning } = column;
  if (reducer !== undefined) return metricOf(result, column) ?? result.columns.get(`override.${columnText(column)}`);
  for (const one of meaning === undefined ? meanings : [meaning]) {
    const value = valueAs[one](result, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The attempt that a metric of a run is of, if the last attempt has not logged it and nothing says that it goes on from there. */
export const earlierAttempt = ({ metrics }: RunResult, { name, meaning = 'metric' }: ColumnName & Partial<Column>) =>
  meaning === 'metric' ? metrics.get(name)?.earlier : undefined;

/** The value of a column, undefined if it is a metric of an earlier attempt: what takes runs together passes these over. */
export const currentValue = (result: RunResult, column: ColumnName & Partial<Column>): ExpressionValue =>
  earlierAttempt(result, column) === undefined ? resultValue(result, column) : undefined;

const valueAs: Readonly<Record<Meaning, (result: RunResult, name: string) => ExpressionValue>> = {
  prefixed: (result, name) => {
    if (!isPrefixed(name)) return artifactPath(result, name);
    const own = result.columns.get(name);
    // A value may be null.
    return own === undefined && name.startsWith('info.') ? factIn(result, name.slice('info.'.length)) : own;
  },
  leading: (result, name) => (isLeading(name) ? factIn(result, name) : undefined),
  metric: (result, name) => metricOf(result, { name, reducer: undefined }),
  key: ({ columns, unreadable }, name) => {
    const value = columns.get(`config.${name}`);
    // A word is no value of a config that can't be read.
    if (value !== undefined || unreadable) return value;
    const typed = columns.get(`override.${name}`);
    return typed === deleted ? undefined : typed;
  },
  fact: factIn,
};

const isLeading = (name: string) => leadingFacts.some((fact) => fact === name);
const isPrefixed = (name: string) => /^(?:config|info|override)\./.test(name);

function factIn(result: RunResult, name: string): ExpressionValue {
  if (name === 'run') return result.id;
  if (name === 'status') return result.status;
  if (name === 'directory') return result.directory;
  if (name === 'age') return ageOf(result.directory);
  // Facts stand among the columns without a prefix.
  if (!isFactName(name)) return undefined;
  const fact = result.columns.get(name);
  // What `info.yaml` tells as well is kept once.
  return fact === undefined && name === 'command' ? result.columns.get('info.command') : fact;
}

function metricOf(result: RunResult, { name, reducer = 'last' }: ColumnName): ExpressionValue {
  const summary = result.metrics.get(name);
  return summary && metricValue(result, name, summary, reducer);
}

function artifactPath({ directory }: RunResult, name: string): string | undefined {
  const [, type, file] = /^artifact\.([^.]+)\.(.+)$/.exec(name) ?? [];
  if (type === undefined || file === undefined) return undefined;
  const path = normalize(join('artifacts', type, file));
  const inside = path.startsWith(join('artifacts', type, '/'));
  return inside && existsSync(join(runPaths.artifacts(directory), '..', path)) ? path : undefined;
}

/** The names of all metrics that some result has, in the order in which they are met. */
export const metricNames = (results: readonly RunResult[]): string[] => [
  ...new Set(results.flatMap(({ metrics }) => [...metrics.keys()])),
];

/** All names that some result has, as short as they can be written: metrics, keys of the config, facts, entries of `info.yaml`. */
export function knownNames(results: readonly RunResult[]): string[] {
  const columns = columnNames(results);
  const behind = (prefix: string) =>
    columns.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));
  const info = columns.filter((name) => name.startsWith('info.'));
  return uniq([...metricNames(results), ...behind('config.'), ...behind('override.'), ...allFacts, ...info]);
}

const columnNames = (results: readonly RunResult[]) => uniq(results.flatMap(({ columns }) => [...columns.keys()]));

/**
 * Looks columns up among runs. Throws `unknown-column` for one that no run has, `unknown-reducer` for a word behind `@` that means
 * nothing.
 */
export function resolveColumns<Written extends WrittenColumn>(
  known: KnownRuns,
  columns: readonly Written[],
): (Written & Column)[] {
  return columns.map((written) => {
    const column = asGroupInPackage(known, written);
    if (column.reducer !== undefined) checkReducer(known, column, column.reducer);
    const found = lookUp(known, column);
    return found ? { ...column, ...found } : unknownColumn(known, column, undefined);
  });
}

/** Columns with what their names mean among runs, where any run has them. */
export function withMeanings(known: KnownRuns, columns: readonly ColumnName[]): (ColumnName & Partial<Column>)[] {
  return columns.map((column) => ({ ...column, ...lookUp(known, column) }));
}

/**
 * The value of each name of an expression, looked up among runs. Throws what `resolveColumns` throws, and `unknown-status` for a text
 * that is no status and is compared with one.
 */
export function resolveExpression(known: KnownRuns, expression: Expression): ResolvedExpression {
  const columns = new Map<string, Column>();
  for (const { name: text, span } of namesIn(expression)) {
    if (columns.has(text)) continue;
    const column = asGroupInPackage(known, { ...parseColumnName(text), source: span.source, offset: span.offset });
    if (column.reducer !== undefined) checkReducer(known, column, column.reducer);
    const found = lookUp(known, column);
    if (!found) return unknownColumn(known, { ...column, length: span.length }, { expression, text });
    columns.set(text, { ...column, ...found });
  }
  checkStatuses(expression, columns);
  const keep = (result: RunResult) =>
    holds(expression, (name) => resultValue(result, columns.get(name) ?? parseColumnName(name)));
  return { columns: [...columns.values()], keep };
}

export interface ResolvedExpression {
  readonly columns: readonly Column[];
  /** Whether the expression holds for a run. */
  readonly keep: (result: RunResult) => boolean;
}

/** The results for which an expression holds. Throws what `resolveExpression` throws. */
export function matchingResults(results: readonly RunResult[], expression: Expression): RunResult[] {
  return results.filter(resolveExpression(only(results), expression).keep);
}

/** Runs beside which there are no others. */
export const only = (results: readonly RunResult[]): KnownRuns => ({
  results,
  others: () => [],
  mayHave: () => true,
});

/** `model@backbone` is a group in a package where it was typed as such, else `backbone` is a reducer. */
function asGroupInPackage<Written extends WrittenColumn>({ mayHave, results }: KnownRuns, column: Written): Written {
  const typed = `override.${columnText(column)}`;
  if (column.reducer === undefined || isReducer(column.reducer) || !mayHave(typed)) return column;
  return results.some(({ columns }) => columns.has(typed))
    ? { ...column, name: columnText(column), reducer: undefined }
    : column;
}

type Found = Pick<Column, 'meaning' | 'other'>;

/** All facts; those of errors come with the runs in brief, and the age is never kept. */
const allFacts: readonly string[] = [...leadingFacts, ...factNames, 'error', 'error_place', 'age'];

const isFactName = (name: string) => allFacts.includes(name);

function lookUp(known: KnownRuns, { name, reducer }: ColumnName): Found | undefined {
  const { results, others } = known;
  if (reducer !== undefined) {
    const isMetric = hasMeaning(results, 'metric', name) || hasMeaning(others(), 'metric', name);
    return isMetric ? { meaning: 'metric', other: undefined } : undefined;
  }
  const has = (meaning: Meaning) => isWorthALook(known, meaning, name) && hasMeaning(results, meaning, name);
  const meaning = meanings.find(has) ?? meanings.find((one) => hasMeaning(others(), one, name));
  // No run may have a fact yet: a queue, a reason. Where there are no runs at all no name is wrong.
  const isEmpty = results.length === 0 && others().length === 0;
  if (meaning === undefined) return isFactName(name) || isEmpty ? { meaning: 'fact', other: undefined } : undefined;
  return { meaning, other: otherName(meaning, name, has) };
}

/** Looking through many runs takes long where none has the name. */
function isWorthALook({ mayHave }: KnownRuns, meaning: Meaning, name: string): boolean {
  switch (meaning) {
    case 'prefixed':
      return isPrefixed(name) || name.startsWith('artifact.');
    case 'leading':
      return isLeading(name);
    case 'metric':
      return name.includes('.');
    case 'key':
      return mayHave(`config.${name}`) || mayHave(`override.${name}`);
    case 'fact':
      return isFactName(name);
    default:
      return unreachable(meaning);
  }
}

/** The prefixed name of the next meaning, for metrics and keys may have any name. */
function otherName(meaning: Meaning, name: string, has: (meaning: Meaning) => boolean): string | undefined {
  if (meaning === 'prefixed') return undefined;
  const later = meanings
    .slice(meanings.indexOf(meaning) + 1)
    .find((one) => !(meaning === 'leading' && one === 'fact') && has(one));
  return later && (later === 'fact' ? `info.${name}` : `config.${name}`);
}

function hasMeaning(results: readonly RunResult[], meaning: Meaning, name: string): boolean {
  if (meaning === 'metric') return results.some(({ metrics }) => metrics.has(name));
  return results.some((result) => valueAs[meaning](result, name) !== undefined);
}

function unknownColumn(
  { results, others }: KnownRuns,
  column: WrittenColumn & { readonly length?: number },
  within: { readonly expression: Expression; readonly text: string } | undefined,
): never {
  const { name, reducer, source, offset } = column;
  const text = columnText(column);
  const all = [...results, ...others()];
  const metrics = reducer === undefined ? [] : nearestSome(name, metricNames(all));
  const near = metrics.length > 0 ? metrics.map((metric) => `${metric}@${reducer}`) : nearestNames(name, all);
  const span = { source, offset, length: Math.max(1, column.length ?? text.length) };
  return fail({
    reason: 'unknown-column',
    span,
    column: text,
    near: within ? near.map(writtenName) : near,
    quoted: within && quotedInstead(within.expression, within.text),
  });
}

/** Names of every kind that are like one that no run has. */
function nearestNames(name: string, results: readonly RunResult[]): string[] {
  const [, prefix = '', rest = ''] = /^(config|info|override)\.(.+)$/.exec(name) ?? [];
  const behind = columnNames(results).flatMap((column) =>
    column.startsWith(`${prefix}.`) ? column.slice(prefix.length + 1) : [],
  );
  if (prefix !== '') return nearestSome(rest, behind).map((found) => `${prefix}.${found}`);
  return nearestSome(name, [...knownNames(results), ...results.flatMap(artifactNames)]);
}

/** `artifact.TYPE.NAME` of all that a run has saved. */
function artifactNames({ directory }: RunResult): string[] {
  const root = runPaths.artifacts(directory);
  const types = ifPresent(() => readdirSync(root)) ?? [];
  return types
    .filter((type) => !type.startsWith('.'))
    .flatMap((type) => filesBelow(join(root, type)).map((file) => `artifact.${type}.${file}`));
}

/** Files below a directory, without those behind links, which may lead anywhere. */
function filesBelow(directory: string): string[] {
  const entries = ifPresent(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(directory, entry.name)).map((file) => `${entry.name}/${file}`) : entry.name,
  );
}

function checkReducer({ results, others }: KnownRuns, column: WrittenColumn, reducer: string): void {
  const { name, source, offset } = column;
  const [, key] = /^([\w.-]+)=/.exec(reducer) ?? [];
  // A metrics file may have dots in its name, and so may a key.
  const beside = [...name.matchAll(/\./g)].map(({ index }) => `${name.slice(0, index)}.${key}`);
  const isLogged = (runs: readonly RunResult[]) =>
    runs.some(({ metrics }) => beside.some((other) => metrics.has(other)));
  if (isReducer(reducer) && (key === undefined || isLogged(results) || isLogged(others()))) return;
  const span = { source, offset, length: columnText(column).length };
  fail({ reason: 'unknown-reducer', span, column: name, reducer, near: nearestSome(key ?? reducer, reducerWords) });
}

/** How to write a bare word that was meant as text: `status == 'COMPLETE'`. */
function quotedInstead(expression: Expression, word: string): string | undefined {
  const isWord = (side: Expression) => side.kind === 'name' && side.name === word;
  for (const { left, operator, right } of comparisonsIn(expression)) {
    const other = isWord(left) ? right : isWord(right) ? left : undefined;
    if (other?.kind === 'name' && (operator === '==' || operator === '!=')) {
      const text = statusColumns.includes(other.name) ? word.toUpperCase() : word;
      return `${other.name} ${operator} '${text}'`;
    }
    if (right.kind === 'list' && right.items.some(isWord)) return `'${word}'`;
  }
  return isStatus(word.toUpperCase()) ? `status == '${word.toUpperCase()}'` : undefined;
}

const statusColumns = ['status', 'info.status'];
const isStatus = (text: string) => knownStatuses.some((status) => status === text);

/** A status is one of a few words: another would silently match nothing, or with `!=` everything. */
function checkStatuses(expression: Expression, columns: ReadonlyMap<string, Column>): void {
  for (const { left, right } of comparisonsIn(expression)) {
    const sides = [left, right];
    const isOfStatus = sides.some(
      (side) => side.kind === 'name' && statusColumns.includes(side.name) && columns.get(side.name)?.meaning !== 'key',
    );
    if (!isOfStatus) continue;
    for (const literal of sides.flatMap((side) => (side.kind === 'list' ? side.items : [side]))) {
      if (literal.kind !== 'literal' || typeof literal.value !== 'string' || isStatus(literal.value)) continue;
      const near = isStatus(literal.value.toUpperCase())
        ? [literal.value.toUpperCase()]
        : nearestSome(literal.value, knownStatuses);
      fail({ reason: 'unknown-status', span: literal.span, status: literal.value, near, known: knownStatuses });
    }
  }
}
