import { statSync } from 'node:fs';
import once from 'lodash/once.js';
import sortBy from 'lodash/sortBy.js';
import uniq from 'lodash/uniq.js';
import { humanDuration, localIso } from '../../core/clock.js';
import { ifPresent } from '../../core/errno.js';
import { type Failure, fail } from '../../core/failure.js';
import { nearest } from '../../core/suggest.js';
import type { ExpressionValue } from '../../expression/index.js';
import {
  type CompleteRun,
  dependencyIds,
  infoCommand,
  type MetricValue,
  type Run,
  runPaths,
  stretches,
} from '../../logger/index.js';
import { briefOf, lastMetricsOf, overrideTexts, RunRow } from '../../reader/index.js';
import { markedText, metricText } from '../output/metrics-text.js';
import { placeText } from '../output/place-text.js';
import { statusStyle } from '../output/style.js';
import { shownCommand } from '../output/submitted-text.js';
import type { Cell } from '../output/table.js';

/** A run of a listing, its columns read when first asked for. */
export interface ListedRun {
  readonly run: Run;
  /** Undefined for a directory that is no whole run. */
  readonly whole: CompleteRun | undefined;
  /** Overrides by key, as text; of a run of MLXP, which keeps none, the config. */
  readonly overrides: () => ReadonlyMap<string, string>;
  readonly row: () => RunRow | undefined;
  /** Why its config or info could not be read, if they were asked for. */
  readonly problem: () => Failure | undefined;
  readonly metrics: () => ReadonlyMap<string, MetricValue>;
  /** The attempts of those metrics that the last attempt has not logged. */
  readonly earlier: () => ReadonlyMap<string, number>;
}

export type ColumnValue = ExpressionValue | MetricValue;

/** A column of a listing. */
export interface Column {
  readonly name: string;
  readonly get: (run: ListedRun) => ColumnValue;
  /** How a person reads the value, where that is not the value itself. */
  readonly show?: (value: ColumnValue, run: ListedRun) => string;
}

export function listedRun(run: Run): ListedRun {
  const whole = run.kind === 'run' ? run : undefined;
  let row: RunRow | undefined;
  const metrics = once(() => lastMetricsOf(run.directory));
  let overrides: ReadonlyMap<string, string> | undefined;
  const rowOf = () => {
    if (whole) row ??= new RunRow(whole);
    return row;
  };
  return {
    run,
    whole,
    overrides: () => {
      overrides ??= whole && !whole.job ? configTexts(rowOf()) : overrideTexts(whole?.overrides ?? []);
      return overrides;
    },
    row: rowOf,
    problem: () => row?.problem,
    metrics: () => metrics().values,
    earlier: () => metrics().earlier,
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

const builtIn: readonly Column[] = [
  { name: 'run', get: ({ run }) => run.id },
  {
    name: 'status',
    get: ({ run }) => briefStatus(run),
    show: (value) => String(value).toLowerCase(),
  },
  {
    name: 'started',
    get: ({ row }) => {
      const start = row()?.times.start;
      return start && localIso(start);
    },
    show: started,
  },
  { name: 'time', get: ({ row }) => row()?.times.seconds, show: duration },
  { name: 'point', get: ({ whole }) => whole?.overrides.join(' ') },
  { name: 'reason', get: ({ run, whole }) => whole?.status.reason ?? problemOf(run) },
  { name: 'error', get: ({ run }) => briefOf(run).error },
  { name: 'launch', get: ({ whole }) => whole?.job?.launch },
  { name: 'engine', get: ({ whole }) => whole?.job?.engine },
  { name: 'job', get: ({ whole }) => whole?.jobId },
  { name: 'queue', get: ({ whole }) => whole?.job?.queue ?? (whole?.job?.queued ? 'local' : undefined) },
  { name: 'name', get: ({ whole }) => whole?.job?.name },
  {
    name: 'age',
    get: ({ run }) => {
      // The one file of a run that is written once, when it is made.
      const made = ifPresent(() => statSync(runPaths.overrides(run.directory)))?.mtimeMs;
      return made === undefined ? undefined : Math.max(0, (Date.now() - made) / 1000);
    },
    show: duration,
  },
  {
    name: 'after',
    get: ({ whole }) => whole?.job?.after && stretches(dependencyIds(whole.job.after)),
  },
  { name: 'command', get: ({ whole }) => whole && shownCommand(infoCommand(whole.directory) ?? '') },
  {
    name: 'starts',
    get: ({ whole }) => {
      const { expectedStart } = whole?.engine ?? {};
      return expectedStart === undefined ? undefined : localIso(new Date(expectedStart * 1000));
    },
    show: started,
  },
  { name: 'place', get: ({ whole }) => whole?.engine?.place && placeText(whole.engine.place) },
  { name: 'attempt', get: ({ whole }) => whole?.attempt?.number },
  { name: 'exit_code', get: ({ whole }) => whole?.attempt?.end?.exitCode },
  { name: 'host', get: ({ whole }) => whole?.attempt?.claim?.process?.host },
  { name: 'directory', get: ({ run }) => run.directory },
];

function briefStatus(run: Run): string {
  return run.kind === 'run' ? run.status.status : run.kind;
}

function problemOf(run: Run): string | undefined {
  if (run.kind === 'incomplete') return 'never completed; mlx gc removes it';
  return run.kind === 'damaged' ? `${run.path}: ${run.problem}` : undefined;
}

const builtInNamed = (names: readonly string[]) => builtIn.filter(({ name }) => names.includes(name));

/** jman's columns and more: what was submitted, to where, and what has become of it. */
export function longColumns(runs: readonly ListedRun[]): Column[] {
  const always = new Set(['run', 'status', 'age', 'command']);
  const names = [
    'run',
    'job',
    'queue',
    'age',
    'status',
    'time',
    'name',
    'after',
    'starts',
    'place',
    'reason',
    'command',
  ];
  return names
    .flatMap((name) => builtInNamed([name]))
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
  const reason = builtInNamed(['reason']).filter(({ get }) => runs.some((one) => get(one) !== undefined));
  return [
    ...builtInNamed(['run', 'status', 'started', 'time']),
    ...builtInNamed(['job', 'starts']).filter(({ get }) => runs.some((one) => get(one) !== undefined)),
    ...builtInNamed(['attempt']).filter(({ get }) => runs.some((one) => Number(get(one) ?? 0) > 1)),
    ...(single ? builtInNamed(['point']) : differing.map(overrideColumn)),
    // A command that was submitted as it is has nothing else by which it is known.
    ...(whole.some(({ overrides }) => overrides().size === 0) ? builtInNamed(['command']) : []),
    ...reason,
  ];
}

function overrideColumn(name: string): Column {
  return { name, get: ({ overrides }) => overrides().get(name) };
}

/** The runs of a listing, and others of the store, among which a column may be known that these do not have. */
export interface Listing {
  readonly runs: readonly ListedRun[];
  readonly others: () => readonly ListedRun[];
}

/** The columns that `--columns` names. Throws `unknown-column` for one that no run has. */
export function columnsNamed(text: string, listing: Listing): Column[] {
  let offset = 0;
  return text.split(',').map((word) => {
    const column = columnNamed(word.trim(), listing, { name: '--columns', text }, offset);
    offset += word.length + 1;
    return column;
  });
}

/** Columns of jobs whose names are as likely those of keys, which then go before them. */
const yielding = new Set(['queue', 'name', 'age', 'after', 'command', 'place', 'starts']);

function columnNamed(
  name: string,
  { runs, others }: Listing,
  source: { readonly name: string; readonly text: string },
  offset: number,
): Column {
  const [fixed] = builtInNamed([name]);
  if (fixed && !(yielding.has(name) && runs.some(({ overrides }) => overrides().has(name)))) return fixed;
  const candidates: Column[] = [
    overrideColumn(name),
    {
      name,
      get: (one) => one.metrics().get(name),
      show: (value, one) => markedText(metricText(value as MetricValue), one.earlier().get(name)),
    },
    { name, get: (one) => one.row()?.lookup(name) },
    { name, get: (one) => one.row()?.lookup(`config.${name}`) },
  ];
  const knownTo = (some: readonly ListedRun[]) =>
    candidates.find(({ get }) => some.some((one) => get(one) !== undefined));
  const found = knownTo(runs) ?? knownTo(others());
  if (found) return found;
  const known = [...runs, ...others()]
    .slice(0, 100)
    .flatMap((one) => [...(one.row()?.columns.keys() ?? []), ...one.metrics().keys(), ...one.overrides().keys()]);
  const near = nearest(name, new Set([...builtIn.map((column) => column.name), ...known]));
  return fail({
    reason: 'unknown-column',
    span: { source, offset, length: Math.max(1, name.length) },
    column: name,
    near,
  });
}

/** Runs by a column; runs without a value come last either way. Throws `unknown-column`. */
export function sortRuns(listing: Listing, name: string, descending: boolean): ListedRun[] {
  const { runs } = listing;
  const { get } = columnNamed(name, listing, { name: '--sort', text: name }, 0);
  const valued = runs.map((one) => ({ one, key: sortKey(get(one)) }));
  const [without, withKey] = [
    valued.filter(({ key }) => key === undefined),
    valued.filter(({ key }) => key !== undefined),
  ];
  const numeric = withKey.every(({ key }) => typeof key === 'number');
  const sorted = sortBy(withKey, ({ key }) => (numeric ? key : String(key)));
  return [...(descending ? sorted.reverse() : sorted), ...without].map(({ one }) => one);
}

/** Text that is a number counts as one, so that `1e-3` comes before `1e-2`. */
function sortKey(value: ColumnValue): number | string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  const text = String(value);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
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
