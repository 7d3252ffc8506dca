import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../core/process.js';
import type { RunBrief } from '../results/index.js';
import {
  listLaunches,
  listUnrecordedLaunches,
  readLaunchOwner,
  readRun,
  retryOf,
  type UnrecordedLaunch,
} from '../store/index.js';

/** The launches of a store that may have something left to do, each kind the oldest first. */
export interface UnfinishedLaunches {
  /** How many launches the store has on record. */
  readonly recorded: number;
  /** To be surveyed: they were not finished, or runs of theirs were lost or ended early since. */
  readonly candidates: readonly string[];
  /** Processes on this host carry these out, or begin them just now. */
  readonly alive: readonly { readonly launch: string; readonly process: ProcessIdentity }[];
  /** Ended before their records were written, so that nothing of them ran. */
  readonly unrecorded: readonly UnrecordedLaunch[];
  /** How many this user may not look into, so that nothing is known of them unless their runs tell. */
  readonly hidden: number;
}

/** Seconds within which a process that makes a launch's directory has said who it is. */
const saysWho = 2;

/**
 * Finds the launches that may have something left to do. `briefs` are all runs of the store, as they are
 * now.
 */
export async function unfinishedLaunches(store: string, briefs: readonly RunBrief[]): Promise<UnfinishedLaunches> {
  const left = new Set(briefs.filter(mayBeLeft).map(({ launch }) => launch));
  for (const { id, launch, status } of briefs) {
    if (status === 'FAILED' && !left.has(launch) && isToRetry(store, id)) left.add(launch);
  }
  const launches = listLaunches(store);
  const candidates: string[] = [];
  const alive: { launch: string; process: ProcessIdentity }[] = [];
  for (const { launch, done, hidden } of launches) {
    // Whether a hidden launch is done can't be seen, so only its runs tell.
    const process = hidden ? undefined : readLaunchOwner(store, launch).process;
    if (!done && process && isAlive(process)) alive.push({ launch, process });
    else if ((!done && !hidden) || left.has(launch)) candidates.push(launch);
  }
  const unrecorded: UnrecordedLaunch[] = [];
  for (const one of await unrecordedLaunches(store)) {
    if (one.owner && isAlive(one.owner)) alive.push({ launch: one.launch, process: one.owner });
    else unrecorded.push(one);
  }
  const unseen = launches.filter(({ launch, hidden }) => hidden && !left.has(launch));
  return { recorded: launches.length, candidates, alive, unrecorded, hidden: unseen.length };
}

/** Whether a run of a finished launch may have to start again; a survey of the launch tells. */
function mayBeLeft({ status, attempt }: RunBrief): boolean {
  return ['LOST', 'STOPPED', 'PREEMPTED', 'TIMEOUT'].includes(status) || (status === 'FAILED' && attempt === 0);
}

/** Whether a run has failed, and is tried again by mlx since its engine does not do it. */
function isToRetry(store: string, id: number): boolean {
  const run = readRun(store, id);
  return run?.kind === 'run' && retryOf(run) !== undefined;
}

/** Lists them once more if one was made just now by a process that has not said yet who it is. */
async function unrecordedLaunches(store: string): Promise<UnrecordedLaunch[]> {
  const found = listUnrecordedLaunches(store);
  const young = found.filter(({ owner }) => owner === undefined).map(({ changed }) => Date.now() - changed);
  const wait = Math.max(0, ...young.map((age) => saysWho * 1000 - Math.max(0, age)));
  if (wait === 0) return found;
  await sleep(wait);
  return listUnrecordedLaunches(store);
}
