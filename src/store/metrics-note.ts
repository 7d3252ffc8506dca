import { readdirSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/** How long each metrics file of a run was when one of its later attempts began, as `run.sh` noted it. */
export interface MetricsNote {
  readonly attempt: number;
  /** When it was noted: seconds since 1970 by the clock of that host. */
  readonly seconds: number;
  /** Bytes, by the name of the file; a file that is missing here did not exist. */
  readonly lengths: ReadonlyMap<string, number>;
}

/** The notes of a run, ascending. A note that is not whole counts as missing; the first attempt has none. */
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

/** The text of a note: seconds, then `LENGTH NAME/` for each file, then `...`. No name holds a slash, but any may hold a line's end. */
export function parseMetricsNote(text: string, attempt: number): MetricsNote | undefined {
  const [, seconds = '', files = ''] = /^([\d.]+)\n((?:\d+ [^/]+\/\n)*)\.\.\.\n$/.exec(text) ?? [];
  if (seconds === '') return undefined;
  const lengths = [...files.matchAll(/(\d+) ([^/]+)\/\n/g)].map(([, length, name = '']): [string, number] => [
    name,
    Number(length),
  ]);
  return { attempt, seconds: Number(seconds), lengths: new Map(lengths) };
}

const loaded = /^attempt-([1-9]\d{0,8})$/;

/** The attempts that loaded a checkpoint through a client, which set aside what was logged after it. */
export function attemptsFromCheckpoint(run: string): Set<number> {
  const names = ifPresent(() => readdirSync(runPaths.superseded(run))) ?? [];
  return new Set(names.flatMap((name) => loaded.exec(name)?.slice(1).map(Number) ?? []));
}
