import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import isEqual from 'lodash/isEqual.js';
import uniq from 'lodash/uniq.js';
import uniqWith from 'lodash/uniqWith.js';
import { parse } from 'yaml';
import { ifPresent } from '../core/errno.js';
import { MlxError } from '../core/failure.js';
import { isAlive } from '../core/process.js';
import {
  isFinalStatus,
  listLaunches,
  listRunIds,
  readLaunchOwner,
  readRun,
  runPaths,
  storePaths,
} from '../logger/index.js';
import {
  type FoundCopy,
  findCopies,
  findRepository,
  findUnfinishedCopies,
  keptCommits,
  type Repository,
  releaseCommit,
  removeCopy,
  removeDirectory,
  sizeOf,
  usesOf,
  writtenFiles,
} from '../version-manager/index.js';

/** Code that is kept for runs, and that none needs any more. */
export type CodeGarbage =
  | { readonly kind: 'copy'; readonly path: string; readonly bytes: number; readonly copy: FoundCopy }
  /** A copy that was never finished, or not removed to the end. */
  | { readonly kind: 'unfinished-copy'; readonly path: string; readonly bytes: number }
  /** A commit that no run names any more. */
  | { readonly kind: 'commit'; readonly commit: string; readonly repository: Repository };

/** What is not removed, and why. */
export type KeptCode =
  /** Runs wrote files into it. */
  | { readonly kind: 'copy-with-files'; readonly path: string; readonly files: readonly string[] }
  /** A store that used the code is not there now, so that nobody knows what its runs need. */
  | { readonly kind: 'store-missing'; readonly store: string };

export interface CodeSurvey {
  readonly garbage: readonly CodeGarbage[];
  readonly kept: readonly KeptCode[];
}

/** Seconds within which a launch that has noted its use of a copy may not yet have made a run. */
const settling = 60;

/**
 * Finds copies that no unfinished run uses, of any store that is noted with them, and commits that no run names. With `force`, stores
 * that are not there count as gone, and files that runs wrote into copies as nothing.
 */
export async function findCodeGarbage(
  store: string,
  { parent, cwd, force }: { readonly parent: string; readonly cwd: string; readonly force: boolean },
): Promise<CodeSurvey> {
  const found = findCopies(parent);
  const kept: KeptCode[] = [];
  const garbage: CodeGarbage[] = findUnfinishedCopies(parent).map((path) => ({
    kind: 'unfinished-copy',
    path,
    bytes: sizeOf(path),
  }));
  const missing = (stores: readonly string[]) => (force ? [] : stores.filter((one) => !existsSync(one)));
  const inUse = usedDirectories(uniq([store, ...found.flatMap(({ uses }) => uses.map((use) => use.store))]));
  for (const copy of found) {
    const { path, uses } = copy;
    const isRecent = uses.some(({ last }) => Date.now() - last.getTime() < settling * 1000);
    if (isRecent || inUse.some((directory) => directory === path || directory.startsWith(`${path}/`))) continue;
    const [unknown] = missing(uses.map((use) => use.store));
    if (unknown !== undefined) {
      kept.push({ kind: 'store-missing', store: unknown });
      continue;
    }
    const files = force ? [] : await writtenFiles(path);
    if (files.length > 0) kept.push({ kind: 'copy-with-files', path, files });
    else garbage.push({ kind: 'copy', path, bytes: sizeOf(path), copy });
  }
  for (const repository of await repositoriesOf(store, cwd)) {
    const stores = uniq([store, ...usesOf(repository.commonDirectory).map((use) => use.store)]);
    const [unknown] = missing(stores);
    if (unknown !== undefined) kept.push({ kind: 'store-missing', store: unknown });
    const named = new Set(unknown === undefined ? stores.flatMap(namedCommits) : await keptCommits(repository));
    for (const commit of await keptCommits(repository)) {
      if (!named.has(commit)) garbage.push({ kind: 'commit', commit, repository });
    }
  }
  return { garbage, kept: uniqWith(kept, isEqual) };
}

/** Removes it; a copy that a launch has come to use meanwhile stays. Gives what was removed. */
export async function removeCodeGarbage(garbage: readonly CodeGarbage[]): Promise<CodeGarbage[]> {
  const removed: CodeGarbage[] = [];
  for (const one of garbage) {
    if (one.kind === 'copy' && !removeCopy(one.copy)) continue;
    if (one.kind === 'unfinished-copy') removeDirectory(one.path);
    if (one.kind === 'commit') await releaseCommit(one.repository, one.commit);
    removed.push(one);
  }
  return removed;
}

/** The directories that unfinished runs start in, and launches that are under way. */
function usedDirectories(stores: readonly string[]): string[] {
  return stores.flatMap((store) => [
    ...(listRunIds(store) ?? []).flatMap((id) => {
      const run = readRun(store, id);
      const isOver = run?.kind === 'run' && (isFinalStatus(run.status.status) || run.status.status === 'LOST');
      return isOver ? [] : (entry(runPaths.info(storePaths.run(store, id)), 'work_dir') ?? []);
    }),
    ...openLaunches(store).flatMap(({ path, alive }) => (alive ? (entry(path, 'cwd') ?? []) : [])),
  ]);
}

/** The launches of a store that are not done; `alive` where a process may be at it. */
function openLaunches(store: string): { path: string; alive: boolean }[] {
  return listLaunches(store)
    .filter(({ done }) => !done)
    .map(({ launch }) => ({
      path: join(storePaths.launch(store, launch), 'launch.yaml'),
      alive: isAlive(readLaunchOwner(store, launch).process) !== false,
    }));
}

/** The commits that runs of a store name, or that launches need to be finished. */
function namedCommits(store: string): string[] {
  const infos = (listRunIds(store) ?? []).map((id) => runPaths.info(storePaths.run(store, id)));
  return [...infos, ...openLaunches(store).map(({ path }) => path)].flatMap((path) => entry(path, 'commit_hash') ?? []);
}

async function repositoriesOf(store: string, cwd: string): Promise<Repository[]> {
  const named = listLaunches(store).flatMap(({ launch }) => {
    return entry(join(storePaths.launch(store, launch), 'launch.yaml'), 'repo_path') ?? [];
  });
  const found: Repository[] = [];
  for (const root of uniq([...named, cwd])) {
    try {
      if (existsSync(root)) found.push(await findRepository(root));
    } catch (error) {
      // What is no repository has nothing to remove.
      if (!(error instanceof MlxError)) throw error;
    }
  }
  return found.filter(({ root }, i) => found.findIndex((other) => other.root === root) === i);
}

/** One entry of a record, read without the rest: there may be a hundred thousand. */
function entry(path: string, key: string): string | undefined {
  const text = ifPresent(() => readFileSync(path, 'utf8')) ?? '';
  const [, value] = new RegExp(`^ *${key}: (.*)$`, 'm').exec(text) ?? [];
  const scalar: unknown = value === undefined ? undefined : parse(value);
  return typeof scalar === 'string' ? scalar : undefined;
}
