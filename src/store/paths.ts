import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode, ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';

/** The paths in a store. They are absolute if the store's path is. */
export const storePaths = {
  run: (store: string, id: number) => join(store, String(id)),
  internal: (store: string) => join(store, '.mlx'),
  hint: (store: string) => join(store, '.mlx', 'next'),
  launch: (store: string, launch: string) => join(store, '.mlx', 'launches', launch),
  /** Has an empty file for each run of the launch that has ended badly, if the launch counts them. */
  failures: (store: string, launch: string) => join(store, '.mlx', 'launches', launch, 'failures'),
  /** An empty directory that remains of a deleted run, so that its id is not used again. */
  deleted: (store: string, id: number) => join(store, '.mlx', 'deleted', String(id)),
  /** The local queue: an empty file for each run that has not ended. */
  queue: (store: string) => join(store, '.mlx', 'queue'),
  runtime: (store: string, version: string) => join(store, '.mlx', 'runtime', version),
};

/**
 * The file with code changes that are not in the launch's commit, in the launch's directory and in its runs.
 */
export const patchFile = 'uncommitted.patch';

/** The file in a launch's directory that has the number of `--max-failures`. */
export const maxFailuresFile = 'max-failures';

/** The file in a launch's directory that says why it was stopped on purpose. */
export const stoppedFile = 'stopped';

/** The paths in a run directory. */
export const runPaths = {
  metadata: (run: string) => join(run, 'metadata'),
  info: (run: string) => join(run, 'metadata', 'info.yaml'),
  job: (run: string) => join(run, 'metadata', 'job.yaml'),
  engine: (run: string) => join(run, 'metadata', 'engine.yaml'),
  overrides: (run: string) => join(run, 'metadata', 'overrides.yaml'),
  patch: (run: string) => join(run, 'metadata', patchFile),
  config: (run: string) => join(run, 'metadata', 'config.yaml'),
  settings: (run: string) => join(run, 'metadata', 'mlx.yaml'),
  attempts: (run: string) => join(run, 'metadata', 'attempts'),
  attempt: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.yaml`),
  attemptEnd: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.end.yaml`),
  /** The signals that the attempt's supervisor received. */
  attemptSignals: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.signals`),
  /** Why the run did not start in the submission with this token. */
  turnedAway: (run: string, token: string) => join(run, 'metadata', 'attempts', `turned-away.${token}.yaml`),
  attemptSteps: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.steps`),
  /** The memory that the launcher measured. */
  attemptUsage: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.usage.yaml`),
  /** The lengths of the metrics files when the attempt began. */
  attemptMetrics: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.metrics`),
  metrics: (run: string) => join(run, 'metrics'),
  /** The keys of each metrics file, and how many of its lines could not be written. */
  metricKeys: (run: string) => join(run, 'metrics', '.keys'),
  /**
   * Metrics that an attempt set aside when it loaded a checkpoint, and an empty file `attempt-N` for each
   * such attempt.
   */
  superseded: (run: string) => join(run, 'metrics', '.superseded'),
  artifacts: (run: string) => join(run, 'artifacts'),
  progress: (run: string) => join(run, 'progress.json'),
  script: (run: string) => join(run, 'script.sh'),
  stdout: (run: string) => join(run, 'log.stdout'),
  stderr: (run: string) => join(run, 'log.stderr'),
};

const runName = /^(0|[1-9]\d{0,14})$/;

/** Returns the ids of all run directories in a store, ascending, or undefined if the store does not exist. */
export function listRunIds(store: string): number[] | undefined {
  const names = ifPresent(() => readdirSync(store));
  // A typed array sorts by value, and is fast for a hundred thousand numbers.
  return names && [...Float64Array.from(names.filter((name) => runName.test(name)).map(Number)).sort()];
}

/**
 * Checks that a store can be written to, without making anything. The store, or the nearest directory above
 * it that exists, must be a directory that this user may write to. Throws `store-unusable`.
 */
export function checkStoreWritable(store: string): void {
  const code = directoryProblem(store);
  if (code !== undefined) fail({ reason: 'store-unusable', path: store, code });
}

/**
 * Returns the code of the error that writing to a directory, or making it, would give. Undefined if it would
 * work.
 */
export function directoryProblem(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    try {
      if (!statSync(at).isDirectory()) return 'ENOTDIR';
      accessSync(at, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const code = errnoCode(error);
      if (code === undefined) throw error;
      if (code !== 'ENOENT' || dirname(at) === at) return code;
    }
  }
}
