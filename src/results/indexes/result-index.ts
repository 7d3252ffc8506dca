import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import once from 'lodash/once.js';
import { writeFileAtomic } from '../../core/atomic-file.js';
import type { ExpressionValue } from '../../expression/index.js';
import { type MetricValue, storePaths } from '../../store/index.js';
import type { MetricSummary } from '../metrics/summary.js';
import type { RowProblem } from '../run-result.js';

/** What the index keeps of a run that has ended; it holds as long as the run has had no further attempt. */
export interface IndexedResult {
  readonly id: number;
  /** The run's last attempt and status, by which a later one is told. */
  readonly version: string;
  readonly columns: ReadonlyMap<string, ExpressionValue>;
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly problems: readonly RowProblem[];
}

// A line for each run, read only where it is asked for: its metrics and its columns, each as JSON. Names of both stand once, in the first line.
// NaN and the infinities are no JSON, and stand as texts in a list of one.
const format = 'mlx results 2';
const path = (store: string) => join(storePaths.internal(store), 'results.ndjson');

type Cell = string | number | boolean | null | readonly unknown[];

const encode = (value: ExpressionValue): Cell | undefined =>
  typeof value === 'number' && !Number.isFinite(value)
    ? [String(value)]
    : Array.isArray(value)
      ? [value]
      : (value as Cell | undefined);
const decode = (cell: Cell | undefined): ExpressionValue => {
  if (!Array.isArray(cell)) return cell as ExpressionValue;
  const [inner] = cell;
  return typeof inner === 'string' ? Number(inner) : (inner as ExpressionValue);
};

const fields = ['count', 'nan', 'first', 'last', 'min', 'max', 'mean', 'squares'] as const;

/** What the index knows, read when it is asked for. */
export interface ResultsIndex {
  readonly get: (id: number, version: string) => IndexedResult | undefined;
  /** The names of all columns that some run of it has. */
  readonly names: readonly string[];
  /** All runs but these. */
  readonly others: (ids: ReadonlySet<number>) => IndexedResult[];
}

const knowsNothing: ResultsIndex = { get: () => undefined, names: [], others: () => [] };

/** The index as it is. One that is missing or of another version knows nothing. */
export function readResultsIndex(store: string): ResultsIndex {
  let text: string;
  try {
    text = readFileSync(path(store), 'utf8');
  } catch {
    return knowsNothing;
  }
  const lines = text.split('\n');
  const head = parsed<{ format: string; names: string[]; ids: number[]; versions: string[] }>(lines[0]);
  if (head?.format !== format) return knowsNothing;
  const places = new Map(head.ids.map((id, i) => [id, i]));
  const get = (id: number, version: string): IndexedResult | undefined => {
    const place = places.get(id);
    if (place === undefined || head.versions[place] !== version) return undefined;
    const [first, second] = lines[place + 1]?.split('\t') ?? [];
    const line = parsed<[Cell[][], RowProblem[]]>(first);
    if (!line || second === undefined) return undefined;
    const [metrics, problems] = line;
    const name = (at: Cell | undefined) => head.names[Number(at)] ?? '';
    const summaries = metrics.map(([at, ...values]): [string, MetricSummary] => {
      const summary = Object.fromEntries(
        fields.map((field, i) => [field, decode(values[i])]),
      ) as unknown as MetricSummary;
      const earlier = values[fields.length];
      return [name(at), typeof earlier === 'number' ? { ...summary, earlier } : summary];
    });
    // Most questions are about metrics, and a few columns of few runs.
    const columns = once(() => {
      const cells = parsed<Cell[]>(second) ?? [];
      const found = new Map<string, ExpressionValue>();
      for (let i = 0; i < cells.length; i += 2) found.set(name(cells[i]), decode(cells[i + 1]));
      return found;
    });
    return {
      id,
      version,
      get columns() {
        return columns();
      },
      metrics: new Map(summaries),
      problems,
    };
  };
  const others = (ids: ReadonlySet<number>) =>
    head.ids.flatMap((id, i) => (ids.has(id) ? [] : (get(id, head.versions[i] ?? '') ?? [])));
  return { get, names: head.names, others };
}

function parsed<T>(line: string | undefined): T | undefined {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
}

/** Writes the index anew; a failure is no failure: the next query takes longer. */
export function writeResultsIndex(store: string, results: readonly IndexedResult[]): void {
  const names = new Map<string, number>();
  const numberOf = (name: string) => {
    const number = names.get(name) ?? names.size;
    names.set(name, number);
    return number;
  };
  const lines = results.map(({ columns, metrics, problems }) => {
    const summaries = [...metrics].map(([name, summary]) => [
      numberOf(name),
      ...fields.map((field) => encode(summary[field] as MetricValue)),
      ...(summary.earlier === undefined ? [] : [summary.earlier]),
    ]);
    const cells = [...columns].flatMap(([name, value]) => (value === undefined ? [] : [numberOf(name), encode(value)]));
    return `${JSON.stringify([summaries, problems])}\t${JSON.stringify(cells)}`;
  });
  const head = {
    format,
    names: [...names.keys()],
    ids: results.map(({ id }) => id),
    versions: results.map(({ version }) => version),
  };
  try {
    mkdirSync(storePaths.internal(store), { recursive: true });
    writeFileAtomic(path(store), [JSON.stringify(head), ...lines, ''].join('\n'));
  } catch {
    // A store that is read-only, or a disk that is full.
  }
}
