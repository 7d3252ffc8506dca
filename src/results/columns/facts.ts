import { statSync } from 'node:fs';
import { localIso } from '../../core/clock.js';
import { rangesText } from '../../core/consecutive.js';
import { ifReadable } from '../../core/errno.js';
import type { ExpressionValue } from '../../expression/index.js';
import { type CompleteRun, currentJobId, dependencyIds, runCommand, runPaths } from '../../store/index.js';

/**
 * When a run started and ended. `seconds` is the duration of its last attempt, until now if it still runs.
 */
export interface RunTimes {
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  readonly seconds: number | undefined;
}

/** What facts are read from. `info` returns an entry of `info.yaml`. */
export interface FactSource {
  readonly run: CompleteRun;
  readonly times: RunTimes;
  readonly info: (key: string) => ExpressionValue;
}

/** Facts that every run has. Their names win over config keys and metrics. */
export const leadingFacts = ['run', 'status', 'launch', 'attempt'] as const;

/**
 * The facts of a run, by name. They come from files that only mlx writes: a program may rewrite `info.yaml`,
 * as MLXP does. A run made by MLXP has no such files; its facts come from `info.yaml`.
 */
const facts = {
  launch: ({ run }) => run.job?.launch,
  attempt: ({ run }) => (run.job ? (run.attempt?.number ?? 0) : undefined),
  name: ({ run }) => run.job?.name,
  engine: ({ run }) => run.job?.engine,
  job: ({ run }) => currentJobId(run),
  queue: ({ run }) => run.job?.queue ?? (run.job?.queued ? 'local' : undefined),
  host: ({ run, info }) => (run.job ? run.attempt?.claim?.process?.host : info('hostname')),
  started: ({ times }) => times.start && localIso(times.start),
  ended: ({ times }) => times.end && localIso(times.end),
  time: ({ times }) => times.seconds,
  reason: ({ run }) => run.status.reason,
  exit_code: ({ run }) => run.attempt?.end?.exitCode,
  point: ({ run }) => (run.overrides.length === 0 ? undefined : run.overrides.join(' ')),
  command: ({ run }) => runCommand(run),
  after: ({ run }) => run.job?.after && rangesText(dependencyIds(run.job.after)),
  starts: ({ run }) => {
    const { expectedStart } = run.engine ?? {};
    return expectedStart === undefined ? undefined : localIso(new Date(expectedStart * 1000));
  },
  place: ({ run }) =>
    run.engine?.queuePosition && `${run.engine.queuePosition.place} of ${run.engine.queuePosition.of}`,
  directory: ({ run }) => run.directory,
} satisfies Record<string, (source: FactSource) => ExpressionValue>;

export type FactName = keyof typeof facts;

/** The names of all facts except `run` and `status`, in the order in which they are shown. */
export const factNames = Object.keys(facts) as FactName[];

/** A fact of a run, or undefined if the run does not have it. */
export function factOf(source: FactSource, name: FactName): ExpressionValue {
  return facts[name](source);
}

/** Seconds since a run was created, by a file that is written only then. Undefined for a run made by MLXP. */
export function ageOf(directory: string): number | undefined {
  const made = ifReadable(() => statSync(runPaths.overrides(directory)))?.mtimeMs;
  return made === undefined ? undefined : Math.max(0, (Date.now() - made) / 1000);
}
