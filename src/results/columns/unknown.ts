import { lstatSync } from 'node:fs';
import { ifPresent } from '../../core/errno.js';
import { nearestSome } from '../../core/suggest.js';
import { walkSync } from '../../core/walk.js';
import { comparisonsIn, type Expression, writtenName } from '../../expression/index.js';
import { fail } from '../../failures/index.js';
import { knownStatuses, runPaths } from '../../store/index.js';
import { isReducer, reducerWords } from '../metrics/reducers.js';
import type { RunResult } from '../run-result.js';
import { type Column, columnText, type KnownRuns, type WrittenColumn } from './column.js';
import { columnNames, knownNames, metricNames, withoutPrefix } from './values.js';

/**
 * Throws `unknown-column` with the nearest known names. `within` is the expression that the name is part of.
 */
export function unknownColumn(
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

/** The known names, of any kind, that are most like an unknown one. */
function nearestNames(name: string, results: readonly RunResult[]): string[] {
  const [, prefix, rest = ''] = /^(config|info|override)\.(.+)$/.exec(name) ?? [];
  if (prefix === undefined) return nearestSome(name, [...knownNames(results), ...results.flatMap(artifactNames)]);
  const known = withoutPrefix(columnNames(results), `${prefix}.`);
  return nearestSome(rest, known).map((found) => `${prefix}.${found}`);
}

/** A name is looked for among at most this many files of a run. */
const mostArtifacts = 1000;

/** `artifact.TYPE.NAME` of a run's artifacts. Links are not followed, since they may lead anywhere. */
function artifactNames({ directory }: RunResult): string[] {
  const root = runPaths.artifacts(directory);
  if (ifPresent(() => lstatSync(root))?.isDirectory() !== true) return [];
  const names: string[] = [];
  let looked = 0;
  for (const { path, kind } of walkSync(root)) {
    if (++looked > mostArtifacts) break;
    const [, type, name] = /^([^./][^/]*)\/(.+)$/s.exec(path) ?? [];
    if (kind !== 'directory' && type !== undefined) names.push(`artifact.${type}.${name}`);
  }
  return names;
}

/** Throws `unknown-reducer` if the word after `@` means nothing. */
export function checkReducer({ results, others }: KnownRuns, column: WrittenColumn, reducer: string): void {
  const { name, source, offset } = column;
  const [, key] = /^([\w.-]+)=/.exec(reducer) ?? [];
  // Both the name of a metrics file and a key may contain dots: try each dot as the separator.
  const beside = [...name.matchAll(/\./g)].map(({ index }) => `${name.slice(0, index)}.${key}`);
  const isLogged = (runs: readonly RunResult[]) =>
    runs.some(({ metrics }) => beside.some((other) => metrics.has(other)));
  if (isReducer(reducer) && (key === undefined || isLogged(results) || isLogged(others()))) return;
  const span = { source, offset, length: columnText(column).length };
  fail({ reason: 'unknown-reducer', span, column: name, reducer, near: nearestSome(key ?? reducer, reducerWords) });
}

/** How to write a bare word that was meant as a text: `status == 'COMPLETE'`. Undefined if it hardly was. */
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

/**
 * Throws `unknown-status` if a status is compared with a text that is no status: it would silently match
 * nothing, or everything with `!=`.
 */
export function checkStatuses(expression: Expression, columns: ReadonlyMap<string, Column>): void {
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
