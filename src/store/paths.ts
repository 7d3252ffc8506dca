import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode, ifPresent } from '../core/errno.js';
import { makeDirectories } from '../core/files.js';
import { fail } from '../failures/index.js';

/** Where things are in a store; every path is absolute when the store's directory is. */
export const storePaths = {
  run: (store: string, id: number) => join(store, String(id)),
  internal: (store: string) => join(store, '.mlx'),
  hint: (store: string) => join(store, '.mlx', 'next'),
  launch: (store: string, launch: string) => join(store, '.mlx', 'launches', launch),
  /** What is left of a deleted run: an empty directory, which keeps its number from being used again. */
  deleted: (store: string, id: number) => join(store, '.mlx', 'deleted', String(id)),
  /** The runs of the local queue that have not ended: an empty file each. */
  queue: (store: string) => join(store, '.mlx', 'queue'),
  runtime: (store: string, version: string) => join(store, '.mlx', 'runtime', version),
};

/** What of the code the commit of a launch does not hold: a file beside the launch, and in each of its runs. */
export const patchFile = 'uncommitted.patch';

/** Where things are in a run directory. */
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
  /** The signals that the supervisor of an attempt was sent, each as it came. */
  attemptSignals: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.signals`),
  attemptSteps: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.steps`),
  /** What the launcher saw an attempt use, where it looks. */
  attemptUsage: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.usage.yaml`),
  /** How long each metrics file was when an attempt began. */
  attemptMetrics: (run: string, n: number) => join(run, 'metadata', 'attempts', `${n}.metrics`),
  metrics: (run: string) => join(run, 'metrics'),
  /** Lines that an attempt moved here when it loaded a checkpoint, and an empty `attempt-N` for each such attempt. */
  superseded: (run: string) => join(run, 'metrics', '.superseded'),
  artifacts: (run: string) => join(run, 'artifacts'),
  progress: (run: string) => join(run, 'progress.json'),
  script: (run: string) => join(run, 'script.sh'),
  stdout: (run: string) => join(run, 'log.stdout'),
  stderr: (run: string) => join(run, 'log.stderr'),
};

const runName = /^(0|[1-9]\d{0,14})$/;

/** The ids of all run directories in a store, ascending; undefined where the store does not exist. */
export function listRunIds(store: string): number[] | undefined {
  const names = ifPresent(() => readdirSync(store));
  // A typed array sorts numbers by value, and a hundred thousand in no time.
  return names && [...Float64Array.from(names.filter((name) => runName.test(name)).map(Number)).sort()];
}

/**
 * Checks that a store can be written to, making nothing: the store, or the nearest directory above it that exists, must
 * be a directory in which this user may write. Throws `store-unusable`.
 */
export function checkStoreWritable(store: string): void {
  const code = directoryProblem(store);
  if (code !== undefined) fail({ reason: 'store-unusable', path: store, code });
}

/** Why a directory can't be written to, or made; undefined where it can. */
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

/** Makes the store's directories where they are missing. Throws `store-unusable`. */
export function openStore(store: string): void {
  try {
    makeDirectories(join(storePaths.internal(store), 'launches'));
  } catch (error) {
    fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
}
