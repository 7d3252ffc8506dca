import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import once from 'lodash/once.js';
import { writeFileAtomic } from '../../core/atomic-file.js';
import type { ExpressionValue } from '../../expression/index.js';
import { type MetricValue, storePaths } from '../../store/index.js';
import type { MetricFileProblem } from '../metrics/run-summaries.js';
import type { MetricSummary } from '../metrics/summary.js';

/** What the index keeps of an ended run. It is valid until the run has another attempt. */
export interface IndexedResult {
  readonly id: number;
  /** The run's last attempt and status; an entry with another version is out of date. */
  readonly version: string;
  readonly columns: ReadonlyMap<string, ExpressionValue>;
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly problems: readonly MetricFileProblem[];
}

// One line per run, parsed on use: its metrics, a tab, its columns, both as JSON. The first line holds all
// names once. NaN and the infinities are not valid in JSON: they are written as a list of one text.
const format = 'mlx results 3';
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

/** The index; its entries are parsed on use. */
interface ResultsIndex {
  /** A run's entry; undefined if it is missing or of another version. */
  readonly get: (id: number, version: string) => IndexedResult | undefined;
  /** The names of all columns that some run in the index has. */
  readonly names: readonly string[];
  /** The entries of all runs except these. */
  readonly others: (ids: ReadonlySet<number>) => IndexedResult[];
}

const emptyIndex: ResultsIndex = { get: () => undefined, names: [], others: () => [] };

/** Reads the index. One that is missing or of another version is empty. */
export function readResultsIndex(store: string): ResultsIndex {
  let text: string;
  try {
    text = readFileSync(path(store), 'utf8');
  } catch {
    return emptyIndex;
  }
  const lines = text.split('\n');
  const head = parsed<{ format: string; names: string[]; ids: number[]; versions: string[] }>(lines[0]);
  if (head?.format !== format) return emptyIndex;
  const positions = new Map(head.ids.map((id, i) => [id, i]));
  const get = (id: number, version: string): IndexedResult | undefined => {
    const position = positions.get(id);
    if (position === undefined || head.versions[position] !== version) return undefined;
    const [first, second] = lines[position + 1]?.split('\t') ?? [];
    const line = parsed<[Cell[][], MetricFileProblem[]]>(first);
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
    // Most queries need the metrics, but columns of few runs only.
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

/** Rewrites the index. Does not throw if it can't write: the next query takes longer. */
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
    // The store is read-only, or the disk full.
  }
}
