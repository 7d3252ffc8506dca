import { readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/** The lengths of a run's metrics files when a later attempt began, recorded by `run.sh`. */
export interface MetricsNote {
  readonly attempt: number;
  /** When it was recorded: seconds since 1970, by that host's clock. */
  readonly seconds: number;
  /** Bytes, by file name. A file that is not listed did not exist. */
  readonly lengths: ReadonlyMap<string, number>;
}

/**
 * Returns the notes of a run, by ascending attempt. The first attempt has none; an incomplete note counts as
 * missing.
 */
export function readMetricsNotes(run: string): MetricsNote[] {
  const names = ifPresent(() => readdirSync(runPaths.attempts(run), { withFileTypes: true })) ?? [];
  return names
    .filter((entry) => entry.isFile())
    .flatMap(({ name }) => /^([1-9]\d{0,8})\.metrics$/.exec(name)?.slice(1).map(Number) ?? [])
    .sort((a, b) => a - b)
    .flatMap((attempt) => {
      const text = ifPresent(() => readFileSync(runPaths.attemptMetrics(run, attempt), 'utf8')) ?? '';
      return parseMetricsNote(text, attempt) ?? [];
    });
}

/**
 * Reads a note: a line with seconds, then `LENGTH NAME/` for each file, then `...`. The slash ends a name,
 * because a name may contain a newline but no slash. Returns undefined if the note is incomplete.
 */
function parseMetricsNote(text: string, attempt: number): MetricsNote | undefined {
  const [, seconds = '', files = ''] = /^([\d.]+)\n((?:\d+ [^/]+\/\n)*)\.\.\.\n$/.exec(text) ?? [];
  if (seconds === '') return undefined;
  const lengths = [...files.matchAll(/(\d+) ([^/]+)\/\n/g)].map(([, length, name = '']): [string, number] => [
    name,
    Number(length),
  ]);
  return { attempt, seconds: Number(seconds), lengths: new Map(lengths) };
}

const loaded = /^attempt-([1-9]\d{0,8})$/;

/**
 * Returns the attempts that loaded a checkpoint through a client, which then set aside the metrics logged
 * after it.
 */
export function attemptsFromCheckpoint(run: string): Set<number> {
  const names = ifPresent(() => readdirSync(runPaths.superseded(run))) ?? [];
  return new Set(names.flatMap((name) => loaded.exec(name)?.slice(1).map(Number) ?? []));
}
