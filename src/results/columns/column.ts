import type { Source } from '../../core/span.js';
import type { RunResult } from '../run-result.js';

/** A column as people name it: `train.loss@min` has the name `train.loss` and the reducer `min`. */
export interface ColumnName {
  readonly name: string;
  /**
   * Which number of a metric's values is meant; undefined for the last value, or a column that is no metric.
   */
  readonly reducer: string | undefined;
}

/**
 * The meanings that a name can have, in the order in which they are tried. The first meaning that any run
 * knows is the meaning for all runs, so that a column is of one kind: a metric of one run is never compared
 * with a config key of another.
 *
 * - `prefixed`: `config.KEY`, `info.KEY`, `override.KEY`, `artifact.TYPE.NAME`
 * - `leading`: `run`, `status`, `launch`, `attempt`
 * - `metric`: `LOG.KEY`
 * - `key`: a config key; for a config group, which has no value of its own, the option as it was typed
 * - `fact`: `name`, `engine`, `host`, …
 */
export const meanings = ['prefixed', 'leading', 'metric', 'key', 'fact'] as const;

export type Meaning = (typeof meanings)[number];

/** A column as it was typed, with its span for error messages. */
export interface WrittenColumn extends ColumnName {
  readonly source: Source;
  readonly offset: number;
}

/** A column that was looked up. */
export interface Column extends ColumnName {
  readonly meaning: Meaning;
  /** The name that reaches its other meaning; undefined unless the runs have both. */
  readonly other: string | undefined;
}

/** A column that may have been looked up. */
export type MaybeColumn = ColumnName & Partial<Column>;

/** The runs that a name is looked up in. */
export interface KnownRuns {
  readonly results: readonly RunResult[];
  /** The other runs of the store: a name that only they know is valid, too. */
  readonly others: () => readonly RunResult[];
  /** False if no result has a column of this name, which saves looking at each of them. */
  readonly mayHave: (column: string) => boolean;
}

/** Looks names up in these runs alone. */
export const only = (results: readonly RunResult[]): KnownRuns => ({
  results,
  others: () => [],
  mayHave: () => true,
});

/** Splits `NAME@REDUCER` at its last `@`. Does not check the reducer. */
export function parseColumnName(text: string): ColumnName {
  const at = text.lastIndexOf('@');
  return at <= 0 ? { name: text, reducer: undefined } : { name: text.slice(0, at), reducer: text.slice(at + 1) };
}

/** The text of a column, `NAME` or `NAME@REDUCER`. */
export const columnText = ({ name, reducer }: ColumnName) => (reducer === undefined ? name : `${name}@${reducer}`);

/**
 * Splits the value of an option, `a,b.c@min`, into columns. A name may be in backticks, as in expressions.
 */
export function writtenColumns(text: string, option: string): WrittenColumn[] {
  const source = { name: option, text };
  return [...text.matchAll(/(?:`[^`]*`|[^,`])+|(?<=,|^)(?=,|$)/g)].map(({ 0: word, index }) => {
    const offset = index + (word.length - word.trimStart().length);
    return { ...parseColumnName(word.trim().replace(/`([^`]+)`/, '$1')), source, offset };
  });
}

/** The column of a config key, or of a group by its typed option: what `sweptKeys` returns. */
export const keyColumn = (name: string): ColumnName & Pick<Column, 'meaning'> => ({
  name,
  reducer: undefined,
  meaning: 'key',
});
