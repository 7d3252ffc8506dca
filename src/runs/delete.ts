import { existsSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoCode } from '../core/errno.js';
import { makeDirectories } from '../core/files.js';
import { isAlive, type ProcessIdentity } from '../core/process.js';
import { MlxError, recordProblemText, systemError } from '../failures/index.js';
import { isOver, readLastAttempt, readRun, storePaths } from '../store/index.js';
import { runsNow } from '../tracking/index.js';
import { emptyDirectory } from './gc.js';
import { stopRuns } from './stop.js';
import { stopLaunches } from './stop-launches.js';

/** The outcome of deleting, by run. */
interface Deleted {
  readonly deleted: readonly number[];
  readonly failed: readonly { readonly ids: readonly number[]; readonly why: string }[];
}

/** Seconds that runs get to end after they were told to stop. */
const patience = 60;

const reason = 'stopped by mlx delete';

/**
 * Deletes runs. Open runs are stopped first, wherever they are, and waited for. Each directory is first
 * renamed away, which is atomic, and then removed; its number is not used again.
 * `launches` are told to start nothing more.
 */
export async function deleteRuns(
  store: string,
  ids: readonly number[],
  launches: readonly string[] = [],
): Promise<Deleted> {
  const told = stopLaunches(store, launches, reason);
  const failed: { ids: readonly number[]; why: string }[] = [];
  const { alive, failed: unstopped } = await stopAndWait(store, ids, told);
  failed.push(...unstopped);
  const left = new Set([...alive, ...unstopped.flatMap((one) => one.ids)]);
  if (alive.length > 0) failed.push({ ids: alive, why: `it has not ended within ${patience} s` });
  const deleted: number[] = [];
  for (const id of ids) {
    if (left.has(id)) continue;
    const why = whyNotDeletable(store, id);
    if (why !== undefined) {
      failed.push({ ids: [id], why });
      continue;
    }
    try {
      removeRun(store, id);
      deleted.push(id);
    } catch (error) {
      const code = errnoCode(error);
      failed.push({ ids: [id], why: code === undefined ? String(error) : systemError(code) });
    }
  }
  return { deleted, failed };
}

/** Stops open runs and waits for their end. Returns those that are still alive. */
async function stopAndWait(
  store: string,
  ids: readonly number[],
  told: readonly string[],
): Promise<{ alive: number[]; failed: Deleted['failed'] }> {
  const open = await stillOpen(store, ids);
  if (open.length === 0) return { alive: [], failed: [] };
  const { failed } = await stopRuns(store, open, reason, told);
  const not = new Set(failed.flatMap((one) => one.ids));
  let alive = open.filter((id) => !not.has(id));
  for (const end = Date.now() + patience * 1000; alive.length > 0; ) {
    alive = await stillOpen(store, alive);
    if (alive.length === 0 || Date.now() > end) break;
    await sleep(500);
  }
  return { alive, failed };
}

async function stillOpen(store: string, ids: readonly number[]): Promise<number[]> {
  const runs = await runsNow(store, ids);
  return runs.filter(({ status }) => !isOver(status.status)).map(({ id }) => id);
}

/**
 * Why an incomplete or damaged directory must not be deleted: a process may still be writing it. Undefined if
 * it may be deleted.
 */
function whyNotDeletable(store: string, id: number): string | undefined {
  const run = readRun(store, id);
  if (run?.kind === 'incomplete') return 'it was never completed: mlx gc removes it when nobody is at it';
  if (run?.kind !== 'damaged') return undefined;
  if (run.problem.kind === 'denied') return recordProblemText(run.problem);
  return isAlive(lastClaim(run.directory)) === false
    ? undefined
    : `${recordProblemText(run.problem)}, and it may be under way`;
}

function lastClaim(directory: string): ProcessIdentity | undefined {
  try {
    return readLastAttempt(directory)?.claim?.process;
  } catch (error) {
    if (error instanceof MlxError) return undefined;
    throw error;
  }
}

function removeRun(store: string, id: number): void {
  const deleted = storePaths.deleted(store, id);
  makeDirectories(dirname(deleted));
  // A rename replaces an empty directory, never one with files.
  if (existsSync(deleted)) emptyDirectory(deleted);
  // Of a run that was moved and linked only the link is the store's.
  if (lstatSync(storePaths.run(store, id)).isSymbolicLink()) {
    makeDirectories(deleted);
    unlinkSync(storePaths.run(store, id));
    return;
  }
  renameSync(storePaths.run(store, id), deleted);
  emptyDirectory(deleted);
}
