import type { JobRef } from '../store/index.js';

/** What an engine tells of a job's submission. Undefined is what it does not tell. */
export interface SeenJob {
  /** The token; empty if the engine shows the place where it would stand, and it does not. */
  readonly token?: string | number | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  /** Seconds since 1970. */
  readonly at?: number | undefined;
}

/** The jobs that an engine is asked about, for its questions. */
export interface AskedJobs {
  /**
   * Returns whether what the engine tells of the job with this id is about the job that mlx submitted, and
   * not about a later one that was given its id. True for jobs that were not asked about.
   */
  isOurs(id: string, seen: SeenJob): boolean;
  /** Who submitted the jobs; undefined if that is not known of all. */
  readonly owners: readonly string[] | undefined;
  /** Whether the job asks for memory. Engines show a default as if it did. */
  readonly asksMemory?: boolean;
}

/** For questions about no job in particular. */
export const anyJob: AskedJobs = { isOurs: () => true, owners: undefined };

/** Returns the jobs for an engine's questions, and the ids by which it knows other jobs. */
export function askedJobs(jobs: readonly JobRef[]): AskedJobs & { readonly reused: ReadonlySet<string> } {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const byArray = new Map(jobs.flatMap((job) => (job.array === undefined ? [] : [[arrayPart(job.id), job] as const])));
  const reused = new Set<string>();
  const owners = new Set(jobs.map(({ user }) => user));
  return {
    isOurs(id, seen) {
      const job = byId.get(id) ?? byArray.get(arrayPart(id));
      if (!job || isSame(job, seen)) return true;
      reused.add(id);
      return false;
    },
    owners: owners.has(undefined) ? undefined : [...owners].flatMap((owner) => owner ?? []),
    reused,
  };
}

/**
 * Returns what the ids of all tasks of an array begin with: `257_`, `12.`, `133[`; undefined for other ids.
 */
export function arrayPart(id: string): string | undefined {
  return /^(.*?[_.[])\d+(?:\].*)?$/.exec(id)?.[1];
}

/** Seconds by which the clocks of a submission may differ. */
const clockDifference = 900;

function isSame({ token, name, user, at }: JobRef, seen: SeenJob): boolean {
  // OpenPBS prints a value that looks like a number as one.
  if (token !== undefined && seen.token !== undefined) return token === seen.token || Number(token) === seen.token;
  const differs = (mine: string | undefined, its: string | undefined) =>
    mine !== undefined && its !== undefined && mine !== its;
  if (differs(name, seen.name) || differs(user, seen.user)) return false;
  return at === undefined || seen.at === undefined || Math.abs(at - seen.at) <= clockDifference;
}
