import once from 'lodash/once.js';
import uniq from 'lodash/uniq.js';
import { humanDuration } from '../../../core/clock.js';
import type { ExpressionValue } from '../../../expression/index.js';
import {
  ageOf,
  type BriefError,
  briefOf,
  columnText,
  earlierAttempt,
  type FactName,
  factOf,
  type KnownRuns,
  type LastMetrics,
  lastMetricsOf,
  overrideTexts,
  type RunResult,
  RunRow,
  resultValue,
  shownReason,
  sortByValue,
  writtenColumns,
} from '../../../results/index.js';
import type { CompleteRun, MetricValue, Run } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { markedText, metricText } from '../../output/metrics-text.js';
import { statusStyle } from '../../output/style.js';
import { shownCommand } from '../../output/submitted-text.js';
import { type Cell, cutTo } from '../../output/table.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { tellProblems } from '../../selecting/tell-results.js';

/** Columns of a reason in a listing. */
const reasonWidth = 100;

/** A run of a listing, its columns read when first asked for. */
export interface ListedRun {
  readonly run: Run;
  /** Undefined for a directory that is no whole run. */
  readonly whole: CompleteRun | undefined;
  readonly row: RunRow | undefined;
  /** Overrides by key, as text; of a run of MLXP, which keeps none, the config. */
  readonly overrides: () => ReadonlyMap<string, string>;
  /** The last value of each metric. */
  readonly metrics: () => LastMetrics;
  readonly error: () => BriefError | undefined;
}

export type ColumnValue = ExpressionValue | MetricValue;

/** A column of a listing. */
export interface Column {
  readonly name: string;
  readonly get: (run: ListedRun) => ColumnValue;
  /** How a person reads the value, where that is not the value itself. */
  readonly show?: (value: ColumnValue, run: ListedRun) => string;
  /** The attempt of a metric that the last attempt has not logged. */
  readonly earlier?: (run: ListedRun) => number | undefined;
}

export function listedRun(run: Run): ListedRun {
  const whole = run.kind === 'run' ? run : undefined;
  const row = whole && new RunRow(whole);
  return {
    run,
    whole,
    row,
    overrides: once(() => (whole && !whole.job ? configTexts(row) : overrideTexts(whole?.overrides ?? []))),
    metrics: once(() => lastMetricsOf(run.directory)),
    error: once(() => briefOf(run).error),
  };
}

function configTexts(row: RunRow | undefined): Map<string, string> {
  const columns = [...(row?.columns ?? [])].filter(
    ([name, value]) => name.startsWith('config.') && value !== undefined,
  );
  return new Map(columns.map(([name, value]) => [name.slice('config.'.length), String(value)]));
}

const started = (value: ColumnValue) => (typeof value === 'string' ? value.slice(0, 19).replace('T', ' ') : '');
const duration = (value: ColumnValue) => (typeof value === 'number' ? humanDuration(value) : '');

/** How people read facts, where that is not the value itself. */
const shownFacts: Readonly<Record<string, NonNullable<Column['show']>>> = {
  status: (value) => String(value).toLowerCase(),
  started,
  starts: started,
  time: duration,
  age: duration,
  command: (value) => (typeof value === 'string' ? shownCommand(value) : ''),
  reason: (value, { error }) =>
    cutTo(shownReason(value === undefined ? undefined : String(value), error()?.text) ?? '', reasonWidth),
};

/** A fact of a run, also of a directory that is no whole run. */
function factColumn(name: FactName | 'run' | 'status' | 'error' | 'error_place' | 'age'): Column {
  const get = ({ run, row, error }: ListedRun): ColumnValue => {
    switch (name) {
      case 'run':
        return run.id;
      case 'status':
        return briefStatus(run);
      case 'error':
        return error()?.text;
      case 'error_place':
        return error()?.place;
      case 'age':
        return ageOf(run.directory);
      case 'directory':
        return run.directory;
      case 'reason':
        return row ? factOf(row, name) : problemOf(run);
      default:
        return row && factOf(row, name);
    }
  };
  const show = Object.hasOwn(shownFacts, name) ? shownFacts[name] : undefined;
  return { name, get, ...(show && { show }) };
}

function briefStatus(run: Run): string {
  return run.kind === 'run' ? run.status.status : run.kind;
}

function problemOf(run: Run): string | undefined {
  if (run.kind === 'incomplete') return 'never completed; mlx gc removes it';
  return run.kind === 'damaged' ? `${run.path}: ${run.problem}` : undefined;
}

/** jman's columns and more: what was submitted, to where, and what has become of it. */
export function longColumns(runs: readonly ListedRun[]): Column[] {
  const always = new Set(['run', 'status', 'age', 'command']);
  return (
    ['run', 'job', 'queue', 'age', 'status', 'time', 'name', 'after', 'starts', 'place', 'reason', 'command'] as const
  )
    .map(factColumn)
    .filter(({ name, get }) => always.has(name) || runs.some((one) => get(one) !== undefined));
}

/**
 * The columns of a listing that was not told which: of the overrides only those keys in which runs differ, and a reason
 * where some run has one.
 */
export function chosenColumns(runs: readonly ListedRun[]): Column[] {
  const whole = runs.filter((one) => one.whole);
  const keys = uniq(whole.flatMap(({ overrides }) => [...overrides().keys()]));
  const differing = keys.filter((key) => new Set(whole.map(({ overrides }) => overrides().get(key))).size > 1);
  const single = whole.length === 1 && keys.length > 0;
  const where = (name: FactName, holds: (value: ColumnValue) => boolean) =>
    [factColumn(name)].filter(({ get }) => runs.some((one) => holds(get(one))));
  const isThere = (value: ColumnValue) => value !== undefined;
  return [
    ...(['run', 'status', 'started', 'time'] as const).map(factColumn),
    ...where('job', isThere),
    ...where('starts', isThere),
    ...where('attempt', (value) => Number(value ?? 0) > 1),
    ...(single ? [factColumn('point')] : differing.map(overrideColumn)),
    // A command that was submitted as it is has nothing else by which it is known.
    ...(whole.some(({ overrides }) => overrides().size === 0) ? [factColumn('command')] : []),
    // Where errors stand in the place of reasons, which name the exit code.
    ...[factColumn('exit_code')].filter(() => runs.some((one) => one.error() !== undefined)),
    ...where('reason', isThere),
  ];
}

/** The last value of a metric. */
export function metricColumn(name: string): Column {
  return {
    name,
    get: ({ metrics }) => metrics().values.get(name),
    show: (value, { metrics }) => markedText(metricText(value as MetricValue), metrics().earlier.get(name)),
    earlier: ({ metrics }) => metrics().earlier.get(name),
  };
}

function overrideColumn(name: string): Column {
  return { name, get: ({ overrides }) => overrides().get(name) };
}

/** The columns that `--columns` names, looked up among the runs of the listing. Throws what `resolveColumns` throws. */
export function columnsNamed(text: string, option: string, known: KnownRuns, io: Io): Column[] {
  const byId = once(() => new Map(known.results.map((result) => [result.id, result])));
  const columns = lookUpColumns(known, writtenColumns(text, option), io);
  tellProblems(known.results, columns, io);
  return columns.map((column): Column => {
    const word = columnText(column);
    const { name, meaning } = column;
    if (meaning === 'leading' || meaning === 'fact') return { ...factColumn(name as FactName), name: word };
    const resultOf = ({ run }: ListedRun): RunResult | undefined => byId().get(run.id);
    const get = (one: ListedRun) => {
      const result = resultOf(one);
      return result && resultValue(result, column);
    };
    if (meaning !== 'metric') return { name: word, get };
    const earlier = (one: ListedRun) => {
      const result = resultOf(one);
      return result && earlierAttempt(result, column);
    };
    const show = (value: ColumnValue, one: ListedRun) => markedText(metricText(value as MetricValue), earlier(one));
    return { name: word, get, show, earlier };
  });
}

/** Runs by a column; runs without a value come last either way. Throws `unknown-column`. */
export function sortRuns(
  runs: readonly ListedRun[],
  name: string,
  { known, descending, io }: { readonly known: KnownRuns; readonly descending: boolean; readonly io: Io },
): ListedRun[] {
  const [column] = columnsNamed(name, '--sort', known, io);
  return column ? sortByValue(runs, (one) => column.get(one) as ExpressionValue, descending) : [...runs];
}

/** A column's cell of a table. */
export function cellOf({ name, get, show }: Column, one: ListedRun): Cell {
  const value = get(one);
  const text =
    value === undefined ? '' : show ? show(value, one) : Array.isArray(value) ? JSON.stringify(value) : String(value);
  if (name === 'status') return { text, style: one.whole ? statusStyle(one.whole.status.status) : 'red' };
  const isNumber = typeof value === 'number' || (text !== '' && Number.isFinite(Number(text)));
  return isNumber ? { text, align: 'right' } : { text };
}
