import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../../core/errno.js';
import { type MetricsNote, runPaths } from '../../store/index.js';
import type { AttemptLine } from './attempt-path.js';
import type { MetricLine, MetricText } from './parse-text.js';

/** What was noted about one metrics file when an attempt began. */
interface NotedLength {
  readonly attempt: number;
  /** Its length in bytes; 0 if it did not exist. */
  readonly length: number;
  /** Whether the file was written to since then. */
  readonly touched: boolean;
}

/** The attempt that a line names (`_attempt`); undefined if it names none. */
export function namedAttempt(record: MetricLine): number | undefined {
  const value = record['_attempt'];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/**
 * Seconds by which a note's time may differ from its file's modification time, which may be by another host's
 * clock. If it differs more, the store was copied.
 */
const clocksDiffer = 120;

/** What a run's notes say about one of its metrics files. */
export function notedLengths(run: string, name: string, notes: readonly MetricsNote[]): NotedLength[] {
  const file = `${name}.json`;
  const now = ifPresent(() => statSync(join(runPaths.metrics(run), file)));
  return notes.map(({ attempt, seconds, lengths }) => {
    const length = lengths.get(file) ?? 0;
    const note = now?.size === length ? ifPresent(() => statSync(runPaths.attemptMetrics(run, attempt))) : undefined;
    const isAsWritten = note !== undefined && Math.abs(note.mtimeMs / 1000 - seconds) < clocksDiffer;
    return { attempt, length, touched: isAsWritten && now !== undefined && now.mtimeMs > note.mtimeMs };
  });
}

/** What is known about a metrics file besides its text. */
interface FileFacts {
  /** Bytes. */
  readonly size: number;
  readonly noted: readonly NotedLength[];
  /** The attempts that loaded a checkpoint through a client. */
  readonly continued: ReadonlySet<number>;
}

/**
 * Finds the attempt that wrote each line of a file: the one that the line names, else the latest one that
 * began when the file was not longer than the line's offset. A noted length in the middle of a line means
 * that a later attempt rewrote the file from its beginning.
 */
export function attemptsOf({ lines, starts, ends }: MetricText, { size, noted, continued }: FileFacts): AttemptLine[] {
  const named = lines.map(namedAttempt);
  const isClients = named.some((attempt) => attempt !== undefined);
  // A client that loads a checkpoint shortens its files; the notes of that attempt then no longer fit.
  const isRewritten = ({ attempt, length, touched }: NotedLength) =>
    length > size || (length === size && touched) || cutsLine(starts, ends, length)
      ? isClients || continued.has(attempt)
        ? 'ignored'
        : 'rewritten'
      : 'appended';
  const judged = noted.map((note) => ({ ...note, how: isRewritten(note) }));
  const base = judged.reduce(
    (latest, { attempt, how }) => (how === 'rewritten' ? Math.max(latest, attempt) : latest),
    1,
  );
  const appended = judged.filter(({ how, attempt }) => how === 'appended' && attempt > base);
  let before = base;
  return lines.map((record, i) => {
    const start = starts[i] ?? 0;
    const placed = appended.reduce((latest, { attempt, length }) => (length <= start ? attempt : latest), base);
    const attempt = named[i] ?? Math.max(placed, before);
    before = Math.max(before, attempt);
    return { record, attempt };
  });
}

/** Whether an offset is in the middle of a line. */
const cutsLine = (starts: readonly number[], ends: readonly number[], length: number) =>
  starts.some((start, i) => start < length && length < (ends[i] ?? start));
