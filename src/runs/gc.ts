import { lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { ifPresent, ifReadable } from '../core/errno.js';
import { isAlive, type ProcessIdentity, processStart } from '../core/process.js';
import { MlxError } from '../failures/index.js';
import { listRunIds, listUnrecordedLaunches, readJob, readRun, runPaths, storePaths } from '../store/index.js';

/** Something in a store that nobody needs any more. */
export type Garbage =
  /** A run's directory whose launcher died before it was complete. */
  | { readonly kind: 'incomplete'; readonly id: number; readonly path: string }
  /** A temporary file that a killed process left. */
  | { readonly kind: 'temporary'; readonly path: string }
  /** The directory of a launch that was ended before it was recorded. Nothing of it ran. */
  | { readonly kind: 'launch'; readonly path: string }
  /** The rest of a run whose deletion was interrupted. */
  | { readonly kind: 'deleted'; readonly path: string }
  /** A runtime of an earlier version that no run's script uses. */
  | { readonly kind: 'runtime'; readonly path: string };

/**
 * Seconds without a change before something counts as garbage: its maker may be working on it on another
 * host.
 */
const leftAlone = 60;

/** Finds unused files in a store. Never a run that started, nor anything whose maker may be alive. */
export function findGarbage(store: string): Garbage[] {
  const ids = listRunIds(store) ?? [];
  return [
    ...ids.flatMap((id) => incompleteRun(store, id)),
    ...[storePaths.internal(store), ...launchDirectories(store)].flatMap(temporaryFiles),
    ...ids.flatMap((id) => temporaryFiles(runPaths.metadata(storePaths.run(store, id)))),
    ...halfDeleted(store),
    ...unrecordedLaunches(store),
    ...unusedRuntimes(store, ids),
  ];
}

function unrecordedLaunches(store: string): Garbage[] {
  return listUnrecordedLaunches(store).flatMap(({ launch, owner }): Garbage[] => {
    const path = storePaths.launch(store, launch);
    // A process of this host that is gone is known to be at it no more.
    return isAlive(owner) === false || (isAlive(owner) === undefined && isLeftAlone(path))
      ? [{ kind: 'launch', path }]
      : [];
  });
}

function halfDeleted(store: string): Garbage[] {
  const parent = dirname(storePaths.deleted(store, 0));
  return (ifPresent(() => readdirSync(parent)) ?? [])
    .map((id): Garbage => ({ kind: 'deleted', path: join(parent, id) }))
    .filter(({ path }) => (ifPresent(() => readdirSync(path)) ?? []).length > 0);
}

/**
 * Removes all files in the directory of a deleted run. The empty directory stays: it keeps the number from
 * being used again.
 */
export function emptyDirectory(directory: string): void {
  if (lstatSync(directory).isSymbolicLink()) return;
  for (const name of readdirSync(directory)) {
    rmSync(join(directory, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function launchDirectories(store: string): string[] {
  const launches = join(storePaths.internal(store), 'launches');
  return (ifPresent(() => readdirSync(launches)) ?? []).map((launch) => join(launches, launch));
}

/**
 * Removes garbage. An incomplete run is checked again, since it may have been completed. Returns what was
 * removed.
 */
export function removeGarbage(store: string, garbage: readonly Garbage[]): Garbage[] {
  return garbage.filter((one) => {
    if (one.kind === 'incomplete' && incompleteRun(store, one.id).length === 0) return false;
    if (one.kind === 'deleted') emptyDirectory(one.path);
    else rmSync(one.path, { recursive: true, force: true });
    return true;
  });
}

function incompleteRun(store: string, id: number): Garbage[] {
  const path = storePaths.run(store, id);
  if (readRun(store, id)?.kind !== 'incomplete' || !isLeftAlone(path)) return [];
  const metadata = runPaths.metadata(path);
  if (ifPresent(() => statSync(metadata)) && !isLeftAlone(metadata)) return [];
  return isAlive(launcherOf(path)) === true || holdsOutput(path) ? [] : [{ kind: 'incomplete', id, path }];
}

function launcherOf(run: string): ProcessIdentity | undefined {
  try {
    return readJob(run)?.launcher;
  } catch (error) {
    if (error instanceof MlxError) return undefined;
    throw error;
  }
}

/** Whether a program has written into the directory: then it is a run, even without `info.yaml`. */
function holdsOutput(run: string): boolean {
  const directories = [runPaths.metrics(run), runPaths.artifacts(run), runPaths.attempts(run)];
  const known = new Set(['metadata', 'metrics', 'artifacts', 'script.sh']);
  return (
    directories.some((directory) => (ifPresent(() => readdirSync(directory)) ?? []).length > 0) ||
    (ifPresent(() => readdirSync(run)) ?? []).some((name) => !known.has(name))
  );
}

/** Names by `writeFileAtomic` and `run.sh`: the file's name, host, process id, more, `tmp`. */
const temporaryName = /^(.+\.(?:yaml|json)|next|script\.sh|[\w.-]+)\.([^/]+)\.(\d+)(?:\.[0-9a-f]{8}\.\d+)?\.tmp$/;

function temporaryFiles(directory: string): Garbage[] {
  const names = ifReadable(() => readdirSync(directory)) ?? [];
  return names
    .filter((name) => temporaryName.test(name))
    .map((name): Garbage => ({ kind: 'temporary', path: join(directory, name) }))
    .filter(({ path }) => isLeftAlone(path) && !makerLives(path));
}

function makerLives(path: string): boolean {
  const [, , host, pid] = temporaryName.exec(path.slice(path.lastIndexOf('/') + 1)) ?? [];
  return host === hostname() && processStart(Number(pid)) !== undefined;
}

function unusedRuntimes(store: string, ids: readonly number[]): Garbage[] {
  const directory = join(storePaths.internal(store), 'runtime');
  const versions = ifPresent(() => readdirSync(directory)) ?? [];
  // The next launch uses the newest one.
  const newest = versions
    .map((name) => ({ name, time: mtime(join(directory, name)) }))
    .sort((a, b) => b.time - a.time)[0]?.name;
  const candidates = new Set(versions.filter((name) => name !== newest && isLeftAlone(join(directory, name))));
  for (const id of ids) {
    if (candidates.size === 0) break;
    const script = ifPresent(() => readFileSync(runPaths.script(storePaths.run(store, id)), 'utf8')) ?? '';
    for (const name of candidates) if (script.includes(`/runtime/${name}/`)) candidates.delete(name);
  }
  return [...candidates].map((name) => ({ kind: 'runtime', path: join(directory, name) }));
}

function mtime(path: string): number {
  return ifPresent(() => statSync(path).mtimeMs) ?? 0;
}

function isLeftAlone(path: string): boolean {
  return Date.now() - mtime(path) > leftAlone * 1000;
}
