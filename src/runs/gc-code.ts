import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import isEqual from 'lodash/isEqual.js';
import uniq from 'lodash/uniq.js';
import uniqWith from 'lodash/uniqWith.js';
import { parse } from 'yaml';
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
  type StoreUse,
  sizeOf,
  usesOf,
  writtenFiles,
} from '../code/index.js';
import { ifPresent } from '../core/errno.js';
import { isAlive } from '../core/process.js';
import { MlxError } from '../failures/index.js';
import { isOver, listLaunches, listRunIds, readLaunchOwner, readRun, runPaths, storePaths } from '../store/index.js';

/** Code that was kept for runs, and that no run needs any more. */
export type CodeGarbage =
  | { readonly kind: 'copy'; readonly path: string; readonly bytes: number; readonly copy: FoundCopy }
  /** A copy that was not completed, or not removed completely. */
  | { readonly kind: 'unfinished-copy'; readonly path: string; readonly bytes: number }
  /** A commit that mlx keeps alive, and no run names any more. */
  | { readonly kind: 'commit'; readonly commit: string; readonly repository: Repository };

/** Code that is not removed, and why. */
export type KeptCode =
  /** Runs wrote files into it. */
  | { readonly kind: 'copy-with-files'; readonly path: string; readonly files: readonly string[] }
  /** A store that used the code is missing, so it is unknown what its runs need. */
  | { readonly kind: 'store-missing'; readonly store: string };

export interface CodeSurvey {
  readonly garbage: readonly CodeGarbage[];
  readonly kept: readonly KeptCode[];
}

/** Seconds within which a launch that noted its use of code may not have created a run yet. */
const settling = 60;

const isSettling = (uses: readonly StoreUse[]) =>
  uses.some(({ last }) => Date.now() - last.getTime() < settling * 1000);

/**
 * Finds copies of code that no unfinished run of any known store uses, and kept commits that no run names.
 * Looks for copies in `parent` and wherever launches of the store made them. With `force`, missing stores are
 * ignored, and so are files that runs wrote into copies.
 */
export async function findCodeGarbage(
  store: string,
  { parent, cwd, force }: { readonly parent: string; readonly cwd: string; readonly force: boolean },
): Promise<CodeSurvey> {
  const launches = listLaunches(store).map(({ launch }) => join(storePaths.launch(store, launch), 'launch.yaml'));
  const parents = uniq([parent, ...launches.flatMap((path) => entry(path, 'copy') ?? []).map(dirname)]);
  const roots = uniq([...launches.flatMap((path) => entry(path, 'repo_path') ?? []), cwd]);
  const copies = await copyGarbage(store, parents, force);
  const commits = await commitGarbage(store, roots, force);
  return {
    garbage: [...copies.garbage, ...commits.garbage],
    kept: uniqWith([...copies.kept, ...commits.kept], isEqual),
  };
}

async function copyGarbage(store: string, parents: readonly string[], force: boolean): Promise<CodeSurvey> {
  const found = parents.flatMap(findCopies);
  const kept: KeptCode[] = [];
  const garbage: CodeGarbage[] = parents
    .flatMap(findUnfinishedCopies)
    .map((path) => ({ kind: 'unfinished-copy', path, bytes: sizeOf(path) }));
  const inUse = usedDirectories(uniq([store, ...found.flatMap(({ uses }) => storesOf(uses))]));
  for (const copy of found) {
    const { path, uses } = copy;
    if (isSettling(uses) || inUse.some((used) => used === path || used.startsWith(`${path}/`))) continue;
    const unknown = missingStore(uses, force);
    const files = force || unknown ? [] : await writtenFiles(path);
    if (unknown) kept.push(unknown);
    else if (files.length > 0) kept.push({ kind: 'copy-with-files', path, files });
    else garbage.push({ kind: 'copy', path, bytes: sizeOf(path), copy });
  }
  return { garbage, kept };
}

async function commitGarbage(store: string, roots: readonly string[], force: boolean): Promise<CodeSurvey> {
  const kept: KeptCode[] = [];
  const garbage: CodeGarbage[] = [];
  for (const repository of await repositoriesAt(roots)) {
    const uses = usesOf(repository.commonDirectory);
    const unknown = missingStore(uses, force);
    if (unknown) kept.push(unknown);
    if (unknown || isSettling(uses)) continue;
    const named = new Set(uniq([store, ...storesOf(uses)]).flatMap(namedCommits));
    const unnamed = (await keptCommits(repository)).filter((commit) => !named.has(commit));
    garbage.push(...unnamed.map((commit): CodeGarbage => ({ kind: 'commit', commit, repository })));
  }
  return { garbage, kept };
}

const storesOf = (uses: readonly StoreUse[]) => uses.map(({ store }) => store);

function missingStore(uses: readonly StoreUse[], force: boolean): KeptCode | undefined {
  const store = force ? undefined : storesOf(uses).find((one) => !existsSync(one));
  return store === undefined ? undefined : { kind: 'store-missing', store };
}

/** Removes garbage, except for copies that a launch has started to use since. Returns what was removed. */
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

/** The directories that unfinished runs and open launches start in. */
function usedDirectories(stores: readonly string[]): string[] {
  return stores.flatMap((store) => [
    ...(listRunIds(store) ?? []).flatMap((id) => {
      const run = readRun(store, id);
      return run?.kind === 'run' && isOver(run.status.status)
        ? []
        : (entry(runPaths.info(storePaths.run(store, id)), 'work_dir') ?? []);
    }),
    ...openLaunches(store).flatMap(({ path, alive }) => (alive ? (entry(path, 'cwd') ?? []) : [])),
  ]);
}

/** The launches of a store that are not done. `alive` if a process may be working on it. */
function openLaunches(store: string): { path: string; alive: boolean }[] {
  return listLaunches(store)
    .filter(({ done }) => !done)
    .map(({ launch }) => ({
      path: join(storePaths.launch(store, launch), 'launch.yaml'),
      alive: isAlive(readLaunchOwner(store, launch).process) !== false,
    }));
}

/** The commits that a store's runs name, or that its open launches need. */
function namedCommits(store: string): string[] {
  const infos = (listRunIds(store) ?? []).map((id) => runPaths.info(storePaths.run(store, id)));
  return [...infos, ...openLaunches(store).map(({ path }) => path)].flatMap((path) => entry(path, 'commit_hash') ?? []);
}

async function repositoriesAt(roots: readonly string[]): Promise<Repository[]> {
  const found: Repository[] = [];
  for (const root of roots) {
    try {
      if (existsSync(root)) found.push(await findRepository(root));
    } catch (error) {
      // Not a repository: nothing to remove.
      if (!(error instanceof MlxError)) throw error;
    }
  }
  return found.filter(({ root }, i) => found.findIndex((other) => other.root === root) === i);
}

/** One entry of a YAML record, without parsing the rest: there may be a hundred thousand records. */
function entry(path: string, key: string): string | undefined {
  const text = ifPresent(() => readFileSync(path, 'utf8')) ?? '';
  const [, value] = new RegExp(`^ *${key}: (.*)$`, 'm').exec(text) ?? [];
  const scalar: unknown = value === undefined ? undefined : parse(value);
  return typeof scalar === 'string' ? scalar : undefined;
}
