import { statSync } from 'node:fs';
import { join } from 'node:path';
import once from 'lodash/once.js';
import { ifPresent } from '../core/errno.js';
import { type CompleteRun, isFinalStatus, type Run, readRun, runPaths, storePaths } from '../store/index.js';
import { isWhole, type RunBrief, readBriefs } from './briefs.js';
import { overrideTexts } from './columns/overrides.js';
import { RunRow } from './columns/run-row.js';
import { type IndexedResult, readResultsIndex, writeResultsIndex } from './indexes/result-index.js';
import { hidesMetrics, metricLogNames } from './metrics/read-logs.js';
import { type RunSummaries, summarizeRun } from './metrics/run-summaries.js';
import type { RunResult } from './run-result.js';

/** The index is rewritten when this many ended runs are missing in it, or a twentieth of all. */
const worthWriting = 100;

/** The results of some runs, without incomplete and damaged ones. */
export interface ReadResults {
  readonly results: readonly RunResult[];
  /** False if no result has a column of this name, which saves looking at each of them. */
  readonly mayHave: (column: string) => boolean;
}

/**
 * The results of runs. An ended run that the index knows comes from the index; the files of any other run are
 * read when a property of its result is used. May rewrite the index. `now` returns a run with its engine's
 * current answer.
 */
export function readResults(
  store: string,
  briefs: readonly RunBrief[],
  now: (id: number) => Run | undefined = (id) => readRun(store, id),
): ReadResults {
  const index = readResultsIndex(store);
  const indexed: IndexedResult[] = [];
  const fresh: RunResult[] = [];
  let added = 0;
  const results = briefs.flatMap((brief): RunResult[] => {
    const { id, status, attempt } = brief;
    if (!isWhole(status)) return [];
    const directory = storePaths.run(store, id);
    const version = `${attempt} ${status}${brief.launch === undefined ? ` ${stampOf(directory)}` : ''}`;
    const settled = isFinalStatus(status);
    const before = settled ? index.get(id, version) : undefined;
    if (before) {
      indexed.push(before);
      return [
        resultOf(
          { id, directory, status },
          () => before.columns,
          () => before,
        ),
      ];
    }
    const run = now(id);
    if (run?.kind !== 'run') return [];
    const result = readResult(run, brief);
    fresh.push(result);
    if (settled && !result.unreadable) {
      added++;
      const { columns, metrics, problems } = result;
      indexed.push({ id, columns, metrics, problems, version });
    }
    return [result];
  });
  if (added >= Math.max(1, Math.min(worthWriting, briefs.length / 20))) {
    writeResultsIndex(store, [...index.others(new Set(briefs.map(({ id }) => id))), ...indexed]);
  }
  const names = new Set(index.names);
  return { results, mayHave: (column) => names.has(column) || fresh.some(({ columns }) => columns.has(column)) };
}

/**
 * The results of all runs of a store, without asking any engine: the status of a queued run is what its
 * directory says. A store that does not exist has no runs. For programs.
 */
export async function readStoreResults(store: string): Promise<ReadResults> {
  const briefs = await readBriefs(store, async (runs) => runs);
  return readResults(store, briefs ?? []);
}

/** A result whose properties are computed on use. */
function resultOf(
  run: Pick<RunResult, 'id' | 'directory' | 'status'>,
  columns: () => RunResult['columns'],
  summaries: () => RunSummaries,
  unreadable = () => false,
): RunResult {
  return {
    ...run,
    get columns() {
      return columns();
    },
    get metrics() {
      return summaries().metrics;
    },
    get problems() {
      return summaries().problems;
    },
    get unreadable() {
      return unreadable();
    },
  };
}

/** The result of a run; its files are read on first use. */
function readResult(run: CompleteRun, { status, error, attempt }: RunBrief): RunResult {
  const { id, directory } = run;
  const row = new RunRow(run);
  const columns = once(() => {
    const all = new Map([...row.columns, ...row.facts()]);
    if (error) all.set('error', error.text);
    if (error?.place !== undefined) all.set('error_place', error.place);
    for (const [key, text] of overrideTexts(run.overrides)) all.set(`override.${key}`, text);
    return all;
  });
  // A run made by MLXP records no attempts, and an open run may have started another one.
  const last = isFinalStatus(status) && attempt > 0 ? attempt : undefined;
  const summaries = once(() => summarizeRun(directory, last));
  return resultOf(
    { id, directory, status },
    columns,
    summaries,
    () => row.problem !== undefined || hidesMetrics(directory),
  );
}

/**
 * A text that changes when a run made by MLXP is started again or logs more. It stands for the attempt's
 * number, which such a run does not have.
 */
function stampOf(directory: string): string {
  const files = metricLogNames(directory).map((name) => join(runPaths.metrics(directory), `${name}.json`));
  return [runPaths.info(directory), runPaths.config(directory), ...files]
    .map((path) => ifPresent(() => statSync(path)))
    .map((stat) => (stat ? `${stat.size}:${stat.mtimeMs}` : ''))
    .join(' ');
}
