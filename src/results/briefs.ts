import sortBy from 'lodash/sortBy.js';
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

/** A run in brief: what selecting and counting need. Of many runs this comes from the index. */
export interface RunBrief {
  readonly id: number;
  /** `incomplete` and `damaged` are directories that are no whole run. */
  readonly status: Status | 'incomplete' | 'damaged';
  readonly reason: string | undefined;
  /** Why its program failed, by its logs. */
  readonly error: BriefError | undefined;
  readonly launch: string | undefined;
  /** Its last attempt; 0 where it has none, and for a run of MLXP. */
  readonly attempt: number;
}

/** An error without its lines. */
export type BriefError = Pick<ProgramError, 'text' | 'place' | 'kind'>;

/** The index is written anew when so many of its runs are missing in it, or a twentieth of all. */
const worthWriting = 200;

/**
 * All runs of a store in brief, ascending; undefined where there is no store. `ask` gives runs as their engines say they are now.
 */
export async function readBriefs(
  store: string,
  ask: (runs: readonly CompleteRun[]) => Promise<readonly CompleteRun[]>,
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

/** A run in brief, as its directory tells it. */
export function briefOf(run: Run): RunBrief {
  const { id } = run;
  if (run.kind === 'incomplete')
    return { id, status: 'incomplete', reason: undefined, error: undefined, launch: undefined, attempt: 0 };
  if (run.kind === 'damaged')
    return { id, status: 'damaged', reason: run.problem, error: undefined, launch: undefined, attempt: 0 };
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

/** Whether the files that the stamp covers are all that its status depends on. */
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
