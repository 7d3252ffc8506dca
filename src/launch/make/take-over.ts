import { existsSync } from 'node:fs';
import { isAlive, isThisProcess } from '../../core/process.js';
import { fail } from '../../failures/index.js';
import {
  type LaunchDirectory,
  listRunIds,
  type Owner,
  readJob,
  readLaunchOwner,
  readLaunchPoints,
  runPaths,
  storePaths,
  takeOverLaunch,
} from '../../store/index.js';
import type { RecordedLaunch } from '../record/launch-record.js';

/**
 * Returns the last owner of a launch, a process that is gone. Throws `launch-alive` if that process still
 * carries out the launch, or, unless forced, if it may do so on another host.
 */
export function requireInterrupted(store: string, launch: string, force: boolean): Owner {
  const owner = readLaunchOwner(store, launch);
  const { process } = owner;
  // It was handed over to this process.
  if (isThisProcess(process)) return owner;
  const alive = isAlive(process);
  if (process && (alive || (alive === undefined && !force))) {
    fail({ reason: 'launch-alive', launch, host: process.host, pid: process.pid, seen: alive === true });
  }
  return owner;
}

/**
 * Takes the launch over from the owner that was found to be gone. If another process was quicker, takes it
 * over from that one, or throws `launch-alive`.
 */
export function takeOver(store: string, launch: string, force: boolean): LaunchDirectory {
  const record = takeOverLaunch(store, launch, requireInterrupted(store, launch, force));
  return record ?? takeOver(store, launch, false);
}

/**
 * The ids of a launch's runs, by point: those that its record names, and a run made just when the launcher
 * was killed, which only its own `job.yaml` assigns to the launch.
 */
export function runsOf(store: string, launch: string, { firstId, plan }: RecordedLaunch): Map<number, number> {
  const points = readLaunchPoints(store, launch);
  const recorded = new Set(points.values());
  const forced = plan.settings.logger.forced_log_id;
  const first = forced >= 0 ? forced : firstId;
  for (const id of listRunIds(store) ?? []) {
    if (id < first || recorded.has(id)) continue;
    const job = readWholeJob(storePaths.run(store, id));
    if (job?.launch === launch && !points.has(job.point)) points.set(job.point, id);
  }
  // Runs that were deleted are made again.
  for (const [point, id] of points) if (!existsSync(storePaths.run(store, id))) points.delete(point);
  return points;
}

/**
 * Reads a `job.yaml`; undefined if a kill cut it short. Throws `broken-record` if the run is complete: such
 * damage is reported when the run is read.
 */
export function readWholeJob(run: string): ReturnType<typeof readJob> {
  try {
    return readJob(run);
  } catch (error) {
    if (existsSync(runPaths.info(run))) throw error;
    return undefined;
  }
}
