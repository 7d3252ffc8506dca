import { statSync } from 'node:fs';
import { localIso } from '../../core/clock.js';
import { ifPresent } from '../../core/errno.js';
import type { ExpressionValue } from '../../expression/index.js';
import { type CompleteRun, dependencyIds, runCommand, runPaths, stretches } from '../../store/index.js';

/** When a run started and ended, and how many seconds its last attempt ran, up to now while it runs. */
export interface RunTimes {
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  readonly seconds: number | undefined;
}

/** What facts are read from: a run, when and how long it ran, and the entries of its `info.yaml`. */
export interface FactSource {
  readonly run: CompleteRun;
  readonly times: RunTimes;
  readonly info: (key: string) => ExpressionValue;
}

/** Facts that every run has: no key of a config and no metric takes their bare names. */
export const leadingFacts = ['run', 'status', 'launch', 'attempt'] as const;

/**
 * What mlx knows of a run beside its config, by name. It comes from files that mlx alone writes, so that a program that keeps
 * records of its own (MLXP rewrites `info.yaml`) changes nothing of it; of a run of MLXP, which has no such files, it comes from
 * `info.yaml`.
 */
const facts = {
  launch: ({ run }) => run.job?.launch,
  attempt: ({ run }) => (run.job ? (run.attempt?.number ?? 0) : undefined),
  name: ({ run }) => run.job?.name,
  engine: ({ run }) => run.job?.engine,
  job: ({ run }) => run.jobId,
  queue: ({ run }) => run.job?.queue ?? (run.job?.queued ? 'local' : undefined),
  host: ({ run, info }) => (run.job ? run.attempt?.claim?.process?.host : info('hostname')),
  started: ({ times }) => times.start && localIso(times.start),
  ended: ({ times }) => times.end && localIso(times.end),
  time: ({ times }) => times.seconds,
  reason: ({ run }) => run.status.reason,
  exit_code: ({ run }) => run.attempt?.end?.exitCode,
  point: ({ run }) => (run.overrides.length === 0 ? undefined : run.overrides.join(' ')),
  command: ({ run }) => runCommand(run),
  after: ({ run }) => run.job?.after && stretches(dependencyIds(run.job.after)),
  starts: ({ run }) => {
    const { expectedStart } = run.engine ?? {};
    return expectedStart === undefined ? undefined : localIso(new Date(expectedStart * 1000));
  },
  place: ({ run }) => run.engine?.place && `${run.engine.place.place} of ${run.engine.place.of}`,
  directory: ({ run }) => run.directory,
} satisfies Record<string, (source: FactSource) => ExpressionValue>;

export type FactName = keyof typeof facts;

/** The names of all facts but `run` and `status`, in the order in which they are told. */
export const factNames = Object.keys(facts) as FactName[];

/** A fact of a run; undefined where the run has none. */
export function factOf(source: FactSource, name: FactName): ExpressionValue {
  return facts[name](source);
}

/** Seconds since a run was made, by the one of its files that is written once; undefined for a run of MLXP. */
export function ageOf(directory: string): number | undefined {
  const made = ifPresent(() => statSync(runPaths.overrides(directory)))?.mtimeMs;
  return made === undefined ? undefined : Math.max(0, (Date.now() - made) / 1000);
}
