import sortBy from 'lodash/sortBy.js';
import { recordProblemText } from '../failures/index.js';
import {
  type CompleteRun,
  hasStarted,
  isFinalStatus,
  listRunIds,
  needsEngine,
  type Run,
  readRun,
  type Status,
} from '../store/index.js';
import { fileSystemTime, type IndexedRun, readIndex, writeIndex } from './indexes/brief-index.js';
import type { ProgramError } from './program-error/program-error.js';
import { readProgramError } from './program-error/read-program-error.js';

/** What stands for the status of a directory that can't be read as a run. */
const noRun = ['incomplete', 'damaged', 'unreadable'] as const;
type NoRun = (typeof noRun)[number];

/** Returns true for the status of a directory that could be read as a run. */
export const isWhole = (status: RunBrief['status']): status is Status => !noRun.some((word) => word === status);

/** A run in brief: what selecting and counting need. For most runs it comes from the index. */
export interface RunBrief {
  readonly id: number;
  /**
   * `incomplete` and `damaged` are directories that can't be read as a run; `unreadable` is one that this
   * user may not read.
   */
  readonly status: Status | NoRun;
  readonly reason: string | undefined;
  /** Why its program failed, by its logs; undefined if it did not, or they do not say. */
  readonly error: BriefError | undefined;
  readonly launch: string | undefined;
  /** Its last attempt; 0 if it has none, and for a run made by MLXP. */
  readonly attempt: number;
}

/** An error without its lines. */
export type BriefError = Pick<ProgramError, 'text' | 'place' | 'kind'>;

/** The index is rewritten when this many ended runs are missing in it. */
const worthWriting = 200;

/**
 * All runs of a store in brief, by ascending id; undefined if the store does not exist. `ask` returns runs
 * with their engine's current answer. `onRead` is called for each run that was read from its directory,
 * because the index does not have it. May rewrite the index.
 */
export async function readBriefs(
  store: string,
  ask: (runs: readonly CompleteRun[]) => Promise<readonly CompleteRun[]>,
  onRead?: (run: Run) => void,
): Promise<RunBrief[] | undefined> {
  const pending = readIndex(store);
  const ids = listRunIds(store);
  if (!ids) return undefined;
  const indexed = await pending();
  const unknown = ids.length - indexed.length;
  const now = unknown >= Math.max(1, Math.min(worthWriting, ids.length / 20)) ? fileSystemTime(store) : undefined;
  const settled: IndexedRun[] = [];
  const open: CompleteRun[] = [];
  let next = 0;
  const briefs = ids.flatMap((id): RunBrief | RunBrief[] => {
    while ((indexed[next]?.id ?? id) < id) next++;
    const known = indexed[next];
    if (known?.id === id) return known as RunBrief;
    const run = readRun(store, id);
    if (!run) return [];
    onRead?.(run);
    const brief = briefOf(run);
    if (run.kind === 'run' && needsEngine(run)) open.push(run);
    if (now !== undefined && hasEnded(run)) settled.push(brief);
    return brief;
  });
  if (now !== undefined && settled.length >= worthWriting) {
    const present = new Set(ids);
    await writeIndex(store, sortBy([...indexed.filter(({ id }) => present.has(id)), ...settled], 'id'), now);
  }
  if (open.length === 0) return briefs;
  const fresh = new Map((await ask(open)).map((run) => [run.id, briefOf(run)]));
  return briefs.map((brief) => fresh.get(brief.id) ?? brief);
}

/** A run in brief, by what was read of it. */
export function briefOf(run: Run): RunBrief {
  const { id } = run;
  if (run.kind === 'incomplete')
    return { id, status: 'incomplete', reason: undefined, error: undefined, launch: undefined, attempt: 0 };
  if (run.kind === 'damaged')
    return {
      id,
      status: run.problem.kind === 'denied' ? 'unreadable' : 'damaged',
      reason: recordProblemText(run.problem),
      error: undefined,
      launch: undefined,
      attempt: 0,
    };
  const { status, reason } = run.status;
  return {
    id,
    status,
    reason,
    error: briefError(run),
    launch: run.job?.launch,
    attempt: run.job ? (run.attempt?.number ?? 0) : 0,
  };
}

function briefError(run: CompleteRun): BriefError | undefined {
  const found = readProgramError(run, run.attempt);
  return found && { text: found.text, place: found.place, kind: found.kind };
}

/** Whether a run has ended for good: its status depends on nothing but the files that the index stamps. */
function hasEnded(run: Run): run is Extract<Run, { kind: 'run' }> {
  if (run.kind !== 'run') return false;
  if (!run.job) return isFinalStatus(run.status.status);
  return (
    !needsEngine(run) &&
    isFinalStatus(run.status.status) &&
    run.attempt?.end !== undefined &&
    hasStarted(run.job, run.attempt)
  );
}
