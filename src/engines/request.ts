import type { BatchEngine, EngineCommand, EngineLimits, JobDependencies, JobRequest } from './engine.js';

// Words of submissions that several engines share.

/** Returns a command without extra environment, input or directory. */
export const commandOf = (...argv: [command: string, ...words: string[]]): EngineCommand => ({ argv });

/**
 * Returns the array that mlx must ask for. Undefined for one job, and if the user's own submission command
 * asks for it.
 */
export const askedArray = ({ array, submit }: Pick<JobRequest, 'array' | 'submit'>) => (submit ? undefined : array);

/** Returns the words that make the job wait; [] if it waits for nothing. */
export function dependencyWords({ dependency }: BatchEngine, { after }: JobRequest): readonly string[] {
  return after && dependency ? dependency(after) : [];
}

/** Returns the ids of all jobs that are waited for, each once. */
export function allJobs({ ok, any, fail }: JobDependencies): string[] {
  return [...new Set([...ok, ...any, ...fail])];
}

/** Returns `afterok:1:2,afterany:3`, the form that Slurm, PBS and Moab share. */
export function afterText({ ok, any, fail: failed }: JobDependencies): string {
  return Object.entries({ afterok: ok, afterany: any, afternotok: failed })
    .flatMap(([kind, ids]) => (ids.length === 0 ? [] : [[kind, ...ids].join(':')]))
    .join(',');
}

/**
 * Returns the queue that jobs enter: the one asked for, or the engine's default; undefined if that is
 * unknown.
 */
export function queueOf(
  { resources }: { readonly resources: Pick<JobRequest['resources'], 'partition'> },
  { queues }: EngineLimits,
): string | undefined {
  return resources.partition ?? queues?.find(({ isDefault }) => isDefault)?.name;
}
