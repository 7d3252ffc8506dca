import groupBy from 'lodash/groupBy.js';
import { isOwnEngine, type JobUsage, loadEngine, readUsage } from '../engines/index.js';
import { asHere, changedHere, changesOf, type RecordedLaunch, readableLaunch } from '../launch/index.js';
import { type CompleteRun, currentJobId, jobRefOf, seenPeakMemory } from '../store/index.js';

/** What a run used in its last attempt, and what it had asked for. */
export interface RunUsage extends JobUsage {
  readonly run: CompleteRun;
}

/**
 * What runs used: by the accounting of their engines (asked once per engine), else by the records of their
 * supervisors and launchers. What they asked for comes from the records of their launches.
 */
export async function usageOf(store: string, runs: readonly CompleteRun[]): Promise<RunUsage[]> {
  const told = new Map<number, JobUsage>();
  const inEngines = runs.filter(({ job, jobId }) => job && jobId !== undefined && !isOwnEngine(job.engine));
  for (const [name, its] of Object.entries(groupBy(inEngines, ({ job }) => job?.engine))) {
    const usages = await readUsage(
      await loadEngine(name),
      its.flatMap((run) => jobRefOf(run) ?? []),
    );
    for (const run of its) told.set(run.id, usages.get(currentJobId(run) ?? '') ?? {});
  }
  const launches = new Map<string, RecordedLaunch | undefined>();
  const usages: RunUsage[] = [];
  for (const run of runs) {
    const launch = run.job?.launch ?? '';
    if (!launches.has(launch)) launches.set(launch, await readableLaunch(store, launch));
    usages.push({ run, ...merged(recordedUse(run), merged(asked(run, launches.get(launch)), told.get(run.id) ?? {})) });
  }
  return usages;
}

/** `base` with the values that `over` has. */
function merged(base: JobUsage, over: JobUsage): JobUsage {
  return { ...base, ...Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined)) };
}

function recordedUse({ directory, attempt }: CompleteRun): JobUsage {
  const { claim, end, number = 0 } = attempt ?? {};
  return {
    seconds: claim && end ? end.end - claim.start : undefined,
    cpuSeconds: end?.cpuSeconds,
    peakMemory: end?.peakMemory ?? seenPeakMemory(directory, number),
  };
}

function asked({ job }: CompleteRun, recorded: RecordedLaunch | undefined): JobUsage {
  if (!recorded) return {};
  const { target } = recorded;
  if (target.kind === 'engine') {
    const { time, cpus, mem, gpus, nodes = 1, tasks = 1 } = { ...target.resources, ...changesOf(job?.changed) };
    return {
      timeLimit: time,
      cpus: cpus === undefined ? undefined : cpus * tasks,
      memory: mem === undefined ? undefined : mem * (nodes ?? 1),
      gpus: gpus === undefined ? undefined : gpus * (nodes ?? 1),
    };
  }
  const queued = job?.queued;
  if (target.kind === 'queue' && queued) {
    return { timeLimit: queued.limit, cpus: queued.slots, memory: queued.mem, gpus: queued.gpus || undefined };
  }
  const { walltime, cpusPerRun, memPerRun, gpusPerRun } = changedHere(asHere(recorded), changesOf(job?.changed));
  return { timeLimit: walltime?.seconds, cpus: cpusPerRun, memory: memPerRun, gpus: gpusPerRun || undefined };
}
