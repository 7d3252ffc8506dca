import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { isAlive, type ProcessIdentity, processStart } from '../core/process.js';
import { MlxError } from '../failures/index.js';
import { listRunIds, readJob, readRun, runPaths, storePaths } from '../store/index.js';

/** Something in a store that nobody needs any more. */
export type Garbage =
  /** A directory that was claimed by a launcher that died before it was whole. */
  | { readonly kind: 'incomplete'; readonly id: number; readonly path: string }
  /** A temporary file that a killed process left. */
  | { readonly kind: 'temporary'; readonly path: string }
  /** What is left of a run whose deletion was cut short. */
  | { readonly kind: 'deleted'; readonly path: string }
  /** A runtime of another version that no script names. */
  | { readonly kind: 'runtime'; readonly path: string };

/** Seconds that something must have been left alone before it counts as garbage: its maker may be at it, on another host. */
const leftAlone = 60;

/** What can be removed from a store. Runs that started are never among it, nor anything whose maker may live. */
export function findGarbage(store: string): Garbage[] {
  const ids = listRunIds(store) ?? [];
  return [
    ...ids.flatMap((id) => incompleteRun(store, id)),
    ...[storePaths.internal(store), ...launchDirectories(store)].flatMap(temporaryFiles),
    ...ids.flatMap((id) => temporaryFiles(runPaths.metadata(storePaths.run(store, id)))),
    ...halfDeleted(store),
    ...unusedRuntimes(store, ids),
  ];
}

function halfDeleted(store: string): Garbage[] {
  const place = dirname(storePaths.deleted(store, 0));
  return (ifPresent(() => readdirSync(place)) ?? [])
    .map((id): Garbage => ({ kind: 'deleted', path: join(place, id) }))
    .filter(({ path }) => (ifPresent(() => readdirSync(path)) ?? []).length > 0);
}

/** Leaves the directory itself, which keeps the number of a deleted run from being used again. */
export function emptyDirectory(directory: string): void {
  for (const name of readdirSync(directory)) {
    rmSync(join(directory, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function launchDirectories(store: string): string[] {
  const launches = join(storePaths.internal(store), 'launches');
  return (ifPresent(() => readdirSync(launches)) ?? []).map((launch) => join(launches, launch));
}

/** Removes it; each is looked at once more, since it may have come to life. Gives what was removed. */
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

/** A directory in which a program has written is a run, whatever has become of its `info.yaml`. */
function holdsOutput(run: string): boolean {
  const places = [runPaths.metrics(run), runPaths.artifacts(run), runPaths.attempts(run)];
  const known = new Set(['metadata', 'metrics', 'artifacts', 'script.sh']);
  return (
    places.some((place) => (ifPresent(() => readdirSync(place)) ?? []).length > 0) ||
    (ifPresent(() => readdirSync(run)) ?? []).some((name) => !known.has(name))
  );
}

/** Names that `writeFileAtomic` and `run.sh` give: the file's own, host, process, more, `tmp`. */
const temporaryName = /^(.+\.(?:yaml|json)|next|script\.sh|[\w.-]+)\.([^/]+)\.(\d+)(?:\.[0-9a-f]{8}\.\d+)?\.tmp$/;

function temporaryFiles(directory: string): Garbage[] {
  const names = ifPresent(() => readdirSync(directory)) ?? [];
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
  // The newest is what the next launch uses.
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
