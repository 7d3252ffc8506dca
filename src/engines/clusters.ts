import groupBy from 'lodash/groupBy.js';
import type { Environment } from '../core/environment.js';
import { fail } from '../failures/index.js';
import type { JobRef } from '../store/index.js';
import type { BatchEngine, EngineCommand } from './engine.js';

// Jobs of one engine may be in several clusters, each with ids of its own. A job that is not in the default
// one has the cluster's name behind its id: `502;other`, as sbatch prints it. Only this folder looks at it.

const separator = ';';

/** Returns a job's id with its cluster; undefined is the engine's default cluster. */
export const idInCluster = (id: string, cluster: string | undefined): string =>
  cluster === undefined ? id : `${id}${separator}${cluster}`;

/** Splits a job's id. The cluster is undefined for the engine's default one. */
export function splitJobId(jobId: string): { readonly id: string; readonly cluster: string | undefined } {
  const at = jobId.indexOf(separator);
  return at === -1 ? { id: jobId, cluster: undefined } : { id: jobId.slice(0, at), cluster: jobId.slice(at + 1) };
}

/** Returns the id of an array's task from the array's id, see `taskPattern`. */
export function taskPatternOf(engine: BatchEngine, jobId: string): string | undefined {
  const { id, cluster } = splitJobId(jobId);
  const pattern = engine.taskPattern(id);
  return pattern === undefined ? undefined : idInCluster(pattern, cluster);
}

/** Returns a command of an engine as it is for a cluster. */
export function commandAt(
  { clusters }: Pick<BatchEngine, 'clusters'>,
  command: EngineCommand,
  cluster: string | undefined,
): EngineCommand {
  return clusters ? clusters.at(command, cluster) : command;
}

/** Jobs of one cluster, with ids as the engine has them there. */
export interface ClusterJobs {
  readonly cluster: string | undefined;
  readonly jobs: readonly JobRef[];
}

/** Groups jobs by the cluster in their ids. */
export function byCluster(jobs: readonly JobRef[]): ClusterJobs[] {
  return Object.values(groupBy(jobs, ({ id }) => splitJobId(id).cluster ?? '')).map((its) => ({
    cluster: splitJobId(its[0]?.id ?? '').cluster,
    jobs: its.map((job) => ({
      ...job,
      id: splitJobId(job.id).id,
      array: job.array === undefined ? undefined : splitJobId(job.array).id,
    })),
  }));
}

/** Asks each cluster about its jobs. Returns all answers by the jobs' whole ids. */
export async function askClusters<T>(
  jobs: readonly JobRef[],
  ask: (its: ClusterJobs) => Promise<ReadonlyMap<string, T>>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  for (const its of byCluster(jobs)) {
    for (const [id, answer] of await ask(its)) answers.set(idInCluster(id, its.cluster), answer);
  }
  return answers;
}

/**
 * Returns the cluster that jobs with these options enter; undefined for the default one. Throws
 * `cluster-unknown` if they leave that open.
 */
export function clusterNamed(
  { clusters, title }: BatchEngine,
  options: readonly string[],
  environment: Environment,
): string | undefined {
  const named = clusters?.named(options, environment);
  if (!named) return undefined;
  const { names, by } = named;
  const [name, another] = names;
  if (name === undefined || another !== undefined || !/^[\w.:-]+$/.test(name)) {
    return fail({ reason: 'cluster-unknown', engine: title, by, names });
  }
  return name;
}
