import { type Expression, holds, namesIn } from '../../expression/index.js';
import { unreachable } from '../../failures/index.js';
import { isReducer } from '../metrics/reducers.js';
import type { RunResult } from '../run-result.js';
import {
  type Column,
  type ColumnName,
  columnText,
  type KnownRuns,
  type MaybeColumn,
  type Meaning,
  meanings,
  only,
  parseColumnName,
  type WrittenColumn,
} from './column.js';
import { checkReducer, checkStatuses, unknownColumn } from './unknown.js';
import { isFactName, isLeading, isPrefixed, resultValue, valueAs } from './values.js';

/**
 * Looks columns up in runs. Throws `unknown-column` for a name that no run has, and `unknown-reducer` for a
 * word after `@` that means nothing.
 */
export function resolveColumns<Written extends WrittenColumn>(
  known: KnownRuns,
  columns: readonly Written[],
): (Written & Column)[] {
  return columns.map((written) => {
    const column = checked(known, written);
    const found = lookUp(known, column);
    return found ? { ...column, ...found } : unknownColumn(known, column, undefined);
  });
}

/** Adds the meanings that names have in runs; a column that no run has is returned as it is. */
export function withMeanings(known: KnownRuns, columns: readonly ColumnName[]): MaybeColumn[] {
  return columns.map((column) => ({ ...column, ...lookUp(known, column) }));
}

/** An expression whose names were looked up. */
interface ResolvedExpression {
  readonly columns: readonly Column[];
  /** Whether the expression holds for a run. */
  readonly keep: (result: RunResult) => boolean;
}

/**
 * Looks up the names of an expression. Throws what `resolveColumns` throws, and `unknown-status` for a
 * comparison of a status with a text that is no status.
 */
export function resolveExpression(known: KnownRuns, expression: Expression): ResolvedExpression {
  const columns = new Map<string, Column>();
  for (const { name: text, span } of namesIn(expression)) {
    if (columns.has(text)) continue;
    const column = checked(known, { ...parseColumnName(text), source: span.source, offset: span.offset });
    const found = lookUp(known, column);
    if (!found) return unknownColumn(known, { ...column, length: span.length }, { expression, text });
    columns.set(text, { ...column, ...found });
  }
  checkStatuses(expression, columns);
  const keep = (result: RunResult) =>
    holds(expression, (name) => resultValue(result, columns.get(name) ?? parseColumnName(name)));
  return { columns: [...columns.values()], keep };
}

/** The results for which an expression holds. Throws what `resolveExpression` throws. */
export function matchingResults(results: readonly RunResult[], expression: Expression): RunResult[] {
  return results.filter(resolveExpression(only(results), expression).keep);
}

function checked<Written extends WrittenColumn>(known: KnownRuns, written: Written): Written {
  const column = asGroupInPackage(known, written);
  if (column.reducer !== undefined) checkReducer(known, column, column.reducer);
  return column;
}

/**
 * `model@backbone` is a group in a package if it was typed as such in an override; else `backbone` is a
 * reducer.
 */
function asGroupInPackage<Written extends WrittenColumn>({ mayHave, results }: KnownRuns, column: Written): Written {
  const typed = `override.${columnText(column)}`;
  if (column.reducer === undefined || isReducer(column.reducer) || !mayHave(typed)) return column;
  return results.some(({ columns }) => columns.has(typed))
    ? { ...column, name: columnText(column), reducer: undefined }
    : column;
}

type Found = Pick<Column, 'meaning' | 'other'>;

function lookUp(known: KnownRuns, { name, reducer }: ColumnName): Found | undefined {
  const { results, others } = known;
  if (reducer !== undefined) {
    const isMetric = hasMeaning(results, 'metric', name) || hasMeaning(others(), 'metric', name);
    return isMetric ? { meaning: 'metric', other: undefined } : undefined;
  }
  const has = (meaning: Meaning) => canHave(known, meaning, name) && hasMeaning(results, meaning, name);
  const meaning = meanings.find(has) ?? meanings.find((one) => hasMeaning(others(), one, name));
  // A fact is a valid name even if no run has it yet (a queue, a reason). Without any run, every name is
  // valid.
  const isEmpty = results.length === 0 && others().length === 0;
  if (meaning === undefined) return isFactName(name) || isEmpty ? { meaning: 'fact', other: undefined } : undefined;
  return { meaning, other: otherName(meaning, name, has) };
}

/** Whether a name can have a meaning at all: going through many runs for nothing takes long. */
function canHave({ mayHave }: KnownRuns, meaning: Meaning, name: string): boolean {
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

/** The prefixed name of the next meaning: metrics and config keys can have any name. */
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
