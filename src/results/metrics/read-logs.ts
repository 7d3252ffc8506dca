import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import maxBy from 'lodash/maxBy.js';
import { ifReadable } from '../../core/errno.js';
import {
  attemptsFromCheckpoint,
  lastAttemptNumber,
  type MetricValue,
  readMetricsNotes,
  readSteps,
  runPaths,
} from '../../store/index.js';
import { type AttemptLine, type AttemptsOfRun, type KeptLines, linesOnTheWay } from './attempt-path.js';
import { attemptsOf, namedAttempt, notedLengths } from './line-attempts.js';
import { type MetricLine, type MetricText, parseMetricText } from './parse-text.js';

/**
 * Which lines of a run count: those on the way to its last attempt (`path`), those of the last attempt alone
 * (`last`), or all that the attempt with this number wrote, including lines that were set aside later.
 */
export type AttemptChoice = 'path' | 'last' | number;

/** One metrics file of a run: `train` for `metrics/train.json`. */
export interface MetricLog {
  readonly lines: readonly MetricLine[];
  /** Numbers of lines, from 1, that are no JSON objects; they are skipped. */
  readonly broken: readonly number[];
  /**
   * Whether it ends in a part of a line: one that is still being written, or was cut short. It is skipped,
   * too.
   */
  readonly torn: boolean;
  /**
   * The attempt that wrote the lines, if the last attempt has not written to this file and may have started
   * over.
   */
  readonly earlier?: number | undefined;
}

/** The names of the metrics files of a run, sorted. */
export const metricLogNames = (run: string): string[] => logNamesIn(runPaths.metrics(run));

function logNamesIn(directory: string): string[] {
  const entries = ifReadable(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])).sort();
}

/** Returns true if this user may not read some of a run's metrics; they count as missing. */
export function hidesMetrics(run: string): boolean {
  const hidden = (path: string) =>
    existsSync(path) && ifReadable(() => accessSync(path, constants.R_OK) ?? true) === undefined;
  return hidden(runPaths.metrics(run)) || metricLogNames(run).some((name) => hidden(logPath(run, name)));
}

const logPath = (run: string, name: string) => join(runPaths.metrics(run), `${name}.json`);

/** The lines of a metrics file that count; none if the file does not exist. */
export function readMetricLog(run: string, name: string, choice: AttemptChoice = 'path'): MetricLog {
  const last = lastAttemptNumber(run);
  const text = last <= 1 && choice === 'path' ? parseMetricText(readText(logPath(run, name))) : undefined;
  if (text && isOfOneAttempt(text)) return text;
  return readMetricLogs(run, choice, last).get(name) ?? noLines;
}

/**
 * The lines that count of all metrics files of a run, by file name. `known` is the number of its last
 * attempt.
 */
export function readMetricLogs(
  run: string,
  choice: AttemptChoice = 'path',
  known = lastAttemptNumber(run),
): Map<string, MetricLog> {
  const names = metricLogNames(run);
  if (known <= 1 && typeof choice !== 'number') {
    const simple = new Map<string, MetricText>();
    for (const name of names) simple.set(name, parseMetricText(readText(logPath(run, name))));
    if ([...simple.values()].every(isOfOneAttempt)) return simple;
  }
  const loaded = loadRun(run, names, known);
  if (choice === 'path') return logsOf(loaded, linesOnTheWay(loaded.files, loaded));
  if (choice === 'last') return logsOf(loaded, linesOf(loaded.files, loaded.last));
  return logsOf(loaded, linesOf(withSuperseded(run, loaded.files), choice));
}

const noLines: MetricLog = { lines: [], broken: [], torn: false };

const readText = (path: string) => ifReadable(() => readFileSync(path, 'utf8')) ?? '';

const isOfOneAttempt = ({ lines }: MetricText) => lines.every((line) => (namedAttempt(line) ?? 1) === 1);

interface LoadedRun extends AttemptsOfRun {
  readonly texts: ReadonlyMap<string, MetricText>;
  readonly files: ReadonlyMap<string, readonly AttemptLine[]>;
}

function loadRun(run: string, names: readonly string[], known: number): LoadedRun {
  const notes = readMetricsNotes(run);
  const continued = attemptsFromCheckpoint(run);
  const texts = new Map<string, MetricText>();
  const files = new Map<string, readonly AttemptLine[]>();
  let last = known;
  for (const name of names) {
    const noted = notedLengths(run, name, notes);
    const { text, size } = readByOffsets(
      logPath(run, name),
      noted.map(({ length }) => length),
    );
    const lines = attemptsOf(text, { size, noted, continued });
    texts.set(name, text);
    files.set(name, lines);
    for (const { attempt } of lines) last = Math.max(last, attempt);
  }
  return { texts, files, last, continued, skippedSteps: attemptsWithSkippedSteps(run, known) };
}

/** The attempts that skipped steps, since an earlier attempt had done them. */
function attemptsWithSkippedSteps(run: string, last: number): Set<number> {
  const attempts = Array.from({ length: last }, (_, i) => i + 1);
  return new Set(attempts.filter((attempt) => readSteps(run, attempt).some((step) => 'doneIn' in step)));
}

function logsOf({ texts }: LoadedRun, chosen: ReadonlyMap<string, KeptLines>): Map<string, MetricLog> {
  return new Map(
    [...chosen].map(([name, { lines, earlier }]): [string, MetricLog] => {
      const { broken = [], torn = false } = texts.get(name) ?? {};
      return [name, { lines: lines.map(({ record }) => record), broken, torn, earlier }];
    }),
  );
}

const linesOf = (files: LoadedRun['files'], wanted: number): Map<string, KeptLines> =>
  new Map(
    [...files].map(([name, lines]) => [
      name,
      { lines: lines.filter(({ attempt }) => attempt === wanted), earlier: undefined },
    ]),
  );

/**
 * All that each attempt of a run wrote, including lines set aside, by ascending attempt. Attempts without
 * lines are included.
 */
export function readLogsByAttempt(run: string): Map<number, Map<string, MetricLog>> {
  const known = lastAttemptNumber(run);
  const loaded = loadRun(run, metricLogNames(run), known);
  const files = withSuperseded(run, loaded.files);
  const attempts = new Set(Array.from({ length: known }, (_, i) => i + 1));
  for (const lines of files.values()) for (const { attempt } of lines) attempts.add(attempt);
  return new Map(
    [...attempts].sort((a, b) => a - b).map((attempt) => [attempt, logsOf(loaded, linesOf(files, attempt))]),
  );
}

function withSuperseded(run: string, files: LoadedRun['files']): LoadedRun['files'] {
  const all = new Map(files);
  for (const [name, lines] of supersededLines(run)) all.set(name, [...(all.get(name) ?? []), ...lines]);
  return all;
}

/**
 * The lines set aside when a checkpoint was loaded. A line that names no attempt is of the previous line's
 * attempt.
 */
function supersededLines(run: string): Map<string, AttemptLine[]> {
  const directory = runPaths.superseded(run);
  return new Map(
    logNamesIn(directory).map((name) => {
      const { text, size } = readByOffsets(join(directory, `${name}.json`), []);
      return [name, attemptsOf(text, { size, noted: [], continued: new Set() })];
    }),
  );
}

/** Reads a metrics file with byte offsets, and its size in bytes. */
function readByOffsets(path: string, cuts: readonly number[]): { readonly text: MetricText; readonly size: number } {
  const bytes = ifReadable(() => readFileSync(path)) ?? Buffer.alloc(0);
  const text = bytes.toString('utf8');
  if (text.length === bytes.length) return { text: parseMetricText(text, { cuts }), size: bytes.length };
  const decode = (part: string) => Buffer.from(part, 'latin1').toString('utf8');
  return { text: parseMetricText(bytes.toString('latin1'), { cuts, decode }), size: bytes.length };
}

/**
 * Splits `train.loss` into the name of the metrics file and the key. A file's name may contain dots: the
 * longest name of the run's files that `name` starts with wins.
 */
export function splitMetric(directory: string, name: string): [log: string, key: string] {
  const own = metricLogNames(directory).filter((log) => name.startsWith(`${log}.`));
  const log = maxBy(own, 'length') ?? name.slice(0, name.indexOf('.'));
  return [log, name.slice(log.length + 1)];
}

/** The values of one metric, in the order in which they were logged. Lines without the key are skipped. */
export function seriesOf({ lines }: Pick<MetricLog, 'lines'>, key: string): MetricValue[] {
  return lines.flatMap((line) => (Object.hasOwn(line, key) ? [line[key] as MetricValue] : []));
}
