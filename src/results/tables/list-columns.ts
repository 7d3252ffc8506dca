import once from 'lodash/once.js';
import uniq from 'lodash/uniq.js';
import type { ExpressionValue } from '../../expression/index.js';
import { recordProblemText } from '../../failures/index.js';
import type { CompleteRun, MetricValue, Run } from '../../store/index.js';
import { type BriefError, briefOf } from '../briefs.js';
import { type Column, columnText, type KnownRuns, type WrittenColumn } from '../columns/column.js';
import { ageOf, type FactName, factOf } from '../columns/facts.js';
import { overrideTexts } from '../columns/overrides.js';
import { RunRow } from '../columns/run-row.js';
import { earlierAttempt, resultValue } from '../columns/values.js';
import { type LastMetrics, lastMetricsOf } from '../metrics/last-values.js';
import { sortByValue } from './sort.js';

/** A run of a listing. Its columns are read when they are first asked for. */
export interface ListedRun {
  readonly run: Run;
  /** Undefined if the directory is not a complete run. */
  readonly whole: CompleteRun | undefined;
  readonly row: RunRow | undefined;
  /** Overrides by key, as text. A run of MLXP keeps no overrides: its config instead. */
  readonly overrides: () => ReadonlyMap<string, string>;
  /** The last value of each metric. */
  readonly metrics: () => LastMetrics;
  readonly error: () => BriefError | undefined;
}

export type ListValue = ExpressionValue | MetricValue;

/** The facts of a run that a listing can show, also of a directory that is not a complete run. */
export type ListFact = FactName | 'run' | 'status' | 'error' | 'error_place' | 'age';

/** A column of a listing. */
export interface ListColumn {
  readonly name: string;
  /** Decides how people read the value. */
  readonly kind: { readonly type: 'fact'; readonly fact: ListFact } | { readonly type: 'metric' | 'value' };
  readonly get: (run: ListedRun) => ListValue;
  /** Returns the attempt of a metric's value if the last attempt has not logged the metric. */
  readonly earlier?: (run: ListedRun) => number | undefined;
}

const noMetrics: LastMetrics = { values: new Map(), earlier: new Map() };

/** Returns a run as a listing reads it. */
export function listedRun(run: Run): ListedRun {
  const whole = run.kind === 'run' ? run : undefined;
  const row = whole && new RunRow(whole);
  return {
    run,
    whole,
    row,
    overrides: once(() => (whole && !whole.job ? configTexts(row) : overrideTexts(whole?.overrides ?? []))),
    metrics: once(() => (briefOf(run).status === 'unreadable' ? noMetrics : lastMetricsOf(run.directory))),
    error: once(() => briefOf(run).error),
  };
}

function configTexts(row: RunRow | undefined): Map<string, string> {
  const columns = [...(row?.columns ?? [])].filter(
    ([name, value]) => name.startsWith('config.') && value !== undefined,
  );
  return new Map(columns.map(([name, value]) => [name.slice('config.'.length), String(value)]));
}

function factColumn(fact: ListFact): ListColumn {
  const get = ({ run, row, error }: ListedRun): ListValue => {
    switch (fact) {
      case 'run':
        return run.id;
      case 'status':
        return briefOf(run).status;
      case 'error':
        return error()?.text;
      case 'error_place':
        return error()?.place;
      case 'age':
        return ageOf(run.directory);
      case 'directory':
        return run.directory;
      case 'reason':
        return row ? factOf(row, fact) : problemOf(run);
      default:
        return row && factOf(row, fact);
    }
  };
  return { name: fact, kind: { type: 'fact', fact }, get };
}

function problemOf(run: Run): string | undefined {
  if (run.kind === 'incomplete') return 'never completed; mlx gc removes it';
  return run.kind === 'damaged' ? `${run.path}: ${recordProblemText(run.problem)}` : undefined;
}

/** Returns jman's columns and more: what was submitted, where it went, and its state. */
export function longColumns(runs: readonly ListedRun[]): ListColumn[] {
  const always = new Set(['run', 'status', 'age', 'command']);
  return (
    ['run', 'job', 'queue', 'age', 'status', 'time', 'name', 'after', 'starts', 'place', 'reason', 'command'] as const
  )
    .map(factColumn)
    .filter(({ name, get }) => always.has(name) || runs.some((one) => get(one) !== undefined));
}

/**
 * Returns the columns of a listing if none are named. Of the overrides, these are only the keys in which runs
 * differ; a reason is there if some run has one.
 */
export function chosenColumns(runs: readonly ListedRun[]): ListColumn[] {
  const whole = runs.filter((one) => one.whole);
  const keys = uniq(whole.flatMap(({ overrides }) => [...overrides().keys()]));
  const differing = keys.filter((key) => new Set(whole.map(({ overrides }) => overrides().get(key))).size > 1);
  const single = whole.length === 1 && keys.length > 0;
  const where = (name: FactName, holds: (value: ListValue) => boolean) =>
    [factColumn(name)].filter(({ get }) => runs.some((one) => holds(get(one))));
  const isThere = (value: ListValue) => value !== undefined;
  return [
    ...(['run', 'status', 'started', 'time'] as const).map(factColumn),
    ...where('job', isThere),
    ...where('starts', isThere),
    ...where('attempt', (value) => Number(value ?? 0) > 1),
    ...(single ? [factColumn('point')] : differing.map(overrideColumn)),
    // Only the command tells apart commands that were submitted as they are.
    ...(whole.some(({ overrides }) => overrides().size === 0) ? [factColumn('command')] : []),
    // If errors are shown instead of reasons, which name the exit code, it has a column of its own.
    ...[factColumn('exit_code')].filter(() => runs.some((one) => one.error() !== undefined)),
    ...where('reason', isThere),
  ];
}

/** Returns the column of a metric's last value. */
export function lastMetricColumn(name: string): ListColumn {
  return {
    name,
    kind: { type: 'metric' },
    get: ({ metrics }) => metrics().values.get(name),
    earlier: ({ metrics }) => metrics().earlier.get(name),
  };
}

function overrideColumn(name: string): ListColumn {
  return { name, kind: { type: 'value' }, get: ({ overrides }) => overrides().get(name) };
}

/**
 * Returns resolved columns as columns of a listing; `known` has the results that they were resolved among.
 */
export function namedColumns(columns: readonly (WrittenColumn & Column)[], known: KnownRuns): ListColumn[] {
  const byId = once(() => new Map(known.results.map((result) => [result.id, result])));
  return columns.map((column): ListColumn => {
    const word = columnText(column);
    const { name, meaning } = column;
    if (meaning === 'leading' || meaning === 'fact') return { ...factColumn(name as FactName), name: word };
    const get = ({ run }: ListedRun) => {
      const result = byId().get(run.id);
      return result && resultValue(result, column);
    };
    if (meaning !== 'metric') return { name: word, kind: { type: 'value' }, get };
    const earlier = ({ run }: ListedRun) => {
      const result = byId().get(run.id);
      return result && earlierAttempt(result, column);
    };
    return { name: word, kind: { type: 'metric' }, get, earlier };
  });
}

/** Sorts runs by a column. Runs without a value come last, whatever the direction. */
export function sortRuns(runs: readonly ListedRun[], column: ListColumn | undefined, descending: boolean): ListedRun[] {
  return column ? sortByValue(runs, (one) => column.get(one) as ExpressionValue, descending) : [...runs];
}
