import { isFinalStatus, type Run, readRun, storePaths } from '../logger/index.js';
import type { RunBrief } from './briefs.js';
import { overrideTexts } from './override-texts.js';
import { type RunResult, summarizeRun } from './result-row.js';
import { type IndexedResult, readResultsIndex, writeResultsIndex } from './results-index.js';
import { RunRow } from './row.js';

/** The index is written anew when so many of its runs are missing in it, or a twentieth of all. */
const worthWriting = 100;

/** A run of a store: what it has come to, or that it is no whole run. */
export interface ReadResults {
  readonly results: readonly RunResult[];
  /** Runs whose config or info could not be read; what could be is among their results. */
  readonly unreadable: readonly number[];
}

/**
 * What runs have come to. Of those that have ended it is taken from the index, where that knows them; the files of others are read. Only the
 * index is written. `now` gives a run as its engine says it is.
 */
export function readResults(
  store: string,
  briefs: readonly RunBrief[],
  now: (id: number) => Run | undefined = (id) => readRun(store, id),
): ReadResults {
  const index = readResultsIndex(store);
  const indexed: IndexedResult[] = [];
  const unreadable: number[] = [];
  let fresh = 0;
  const results = briefs.flatMap((brief): RunResult[] => {
    const { id, status, attempt } = brief;
    if (status === 'incomplete' || status === 'damaged') return [];
    const version = `${attempt ?? 0} ${status}`;
    const directory = storePaths.run(store, id);
    const settled = isFinalStatus(status);
    const before = settled ? index.get(id, version) : undefined;
    if (before) {
      indexed.push(before);
      const { metrics, problems } = before;
      return [
        {
          id,
          directory,
          status,
          metrics,
          problems,
          get columns() {
            return before.columns;
          },
        },
      ];
    }
    const run = now(id);
    if (run?.kind !== 'run') return [];
    const row = new RunRow(run);
    const columns = new Map(row.columns);
    for (const [key, text] of overrideTexts(run.overrides)) columns.set(`override.${key}`, text);
    if (row.problem) unreadable.push(id);
    // A run of MLXP has no attempts on record, and a run that goes on may have begun another.
    const known = settled && attempt > 0 ? attempt : undefined;
    const result = { id, columns, ...summarizeRun(directory, known) };
    if (!row.problem && settled) {
      fresh++;
      indexed.push({ ...result, version });
    }
    return [{ ...result, directory, status }];
  });
  if (fresh >= Math.max(1, Math.min(worthWriting, briefs.length / 20))) {
    writeResultsIndex(store, [...index.others(new Set(briefs.map(({ id }) => id))), ...indexed]);
  }
  return { results, unreadable };
}
