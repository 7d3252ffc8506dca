import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import { errnoCode, ifPresent, isTaken } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { isAlive, readProcessIdentity, thisProcess } from '../core/process.js';
import { fail } from '../failures/index.js';
import { checkOut } from './check-out.js';
import { GitFailure, gitIn, workSeconds } from './git.js';
import type { Repository } from './repository.js';
import { markUse } from './uses.js';
import { statusRecords } from './work-tree.js';
import { setWritable } from './writable.js';

/** A copy to use or to make. */
interface CopyRequest {
  readonly repository: Repository;
  readonly commit: string;
  /** The directory of all copies. */
  readonly parent: string;
  readonly readOnly: boolean;
  /** The store whose runs will use it. */
  readonly store: string;
}

/** A directory with the files of a commit. */
export interface Copy {
  readonly path: string;
  /** Copies of the same commit that were not used, because files in them were changed. */
  readonly passedOver: readonly { readonly path: string; readonly changed: readonly string[] }[];
}

/**
 * Returns a clean copy of the commit, making it if needed. Concurrent launches share one copy. A copy with
 * changed tracked files is not used. `onCopying` is called before a copy is made. Throws `copy-failed`,
 * `submodule-missing` or `git-failed`.
 *
 * @param known the changed files of copies that were checked just now, by path.
 */
export async function ensureCopy(
  request: CopyRequest,
  onCopying: () => void,
  known: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<Copy> {
  const passedOver: { path: string; changed: readonly string[] }[] = [];
  const name = `${request.commit}${request.readOnly ? '-read-only' : ''}`;
  for (let number = 1; ; ) {
    const path = join(request.parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(path)) onCopying();
    const made = await makeOnce(path, request);
    // From here on no clean-up removes it. If one has just removed it, the mark fails.
    if (!markUse(join(path, '.git'), request.store)) continue;
    const changed = made ? [] : (known.get(path) ?? (await changedFiles(path)));
    if (changed.length === 0) return { path, passedOver };
    passedOver.push({ path, changed });
    number++;
  }
}

/** Makes a removed copy again, at the same path. Throws what `ensureCopy` throws. */
export async function restoreCopy(path: string, request: Omit<CopyRequest, 'parent'>): Promise<void> {
  do await makeOnce(path, { ...request, parent: dirname(path) });
  while (!markUse(join(path, '.git'), request.store));
}

/** Returns the tracked files of a copy that differ from its commit. */
export async function changedFiles(copy: string): Promise<string[]> {
  const words = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=untracked'];
  const output = await gitIn(copy, { isOurs: true })('status', ...words);
  return statusRecords(output).map(({ path }) => path);
}

/** Seconds without a sign after which a maker on another host counts as dead. */
const patience = 60;
/** Seconds between the signs of a maker. */
const sign = 5;

/** Makes a copy, or waits for the process that makes it. Returns false if it already existed. */
async function makeOnce(path: string, request: CopyRequest): Promise<boolean> {
  const making = join(request.parent, `.${basename(path)}.making`);
  let made = false;
  let seen: { readonly sign: number; readonly since: number } | undefined;
  while (!existsSync(path)) {
    made = true;
    if (beginMaking(making, path)) {
      // Another maker may have finished since the check above.
      if (existsSync(path)) discard(making);
      else await make(making, path, request);
      continue;
    }
    const owner = join(making, 'owner');
    const mtime = ifPresent(() => statSync(owner).mtimeMs) ?? 0;
    if (seen?.sign !== mtime) seen = { sign: mtime, since: performance.now() };
    const text = ifPresent(() => readFileSync(owner, 'utf8'));
    const fields = text === undefined ? undefined : parseFlatRecord(text);
    const alive = fields && isAlive(readProcessIdentity(fields));
    if (alive === false || (alive === undefined && performance.now() - seen.since > patience * 1000)) setAside(making);
    else await sleep(50);
  }
  return made;
}

/**
 * Claims the making of a copy. Returns true for one process only: a rename never replaces a directory that is
 * not empty. Throws `copy-failed`.
 */
function beginMaking(making: string, path: string): boolean {
  const { host, pid, start } = thisProcess();
  const temporary = `${making}.${nanoid()}`;
  try {
    mkdirSync(temporary, { recursive: true });
    writeFileSync(join(temporary, 'owner'), formatFlatRecord({ host, pid, process_start: start }));
    renameSync(temporary, making);
    return true;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (isTaken(error)) return false;
    return fail({ reason: 'copy-failed', path, problem: { kind: 'said', words: String((error as Error).message) } });
  }
}

/** Moves the files of a dead maker away, which only one process can do, and removes them. */
function setAside(making: string): void {
  const aside = `${making}.${nanoid()}`;
  try {
    renameSync(making, aside);
  } catch {
    return;
  }
  discard(aside);
}

async function make(making: string, path: string, { repository, commit, readOnly }: CopyRequest): Promise<void> {
  // A unique name: a maker that was wrongly taken for dead must not use another maker's files.
  const tree = join(making, nanoid());
  const owner = join(making, 'owner');
  const signs = setInterval(() => ifPresent(() => utimesSync(owner, new Date(), new Date())), sign * 1000);
  try {
    await checkOut(repository, commit, tree);
    if (readOnly) {
      setWritable(tree, false);
      // Git's index holds the permissions, which have changed.
      await gitIn(tree, { seconds: workSeconds })('update-index', '--refresh', '-q');
      // Renaming a directory needs write permission for it.
      chmodSync(tree, statSync(tree).mode | 0o200);
    }
    renameSync(tree, path);
    if (readOnly) chmodSync(path, statSync(path).mode & ~0o222);
  } catch (error) {
    // Another process made it, after this one was taken for dead.
    if (existsSync(path)) return;
    const words = error instanceof GitFailure ? error.words : errnoCode(error) && (error as Error).message;
    if (words === undefined) throw error;
    // Git names each file that it could not write, but not the cause.
    if (isFull(making)) fail({ reason: 'copy-failed', path, problem: { kind: 'full' } });
    fail({ reason: 'copy-failed', path, problem: { kind: 'said', words: words.split('\n').slice(-5).join('\n') } });
  } finally {
    clearInterval(signs);
    discard(making);
  }
}

function isFull(directory: string): boolean {
  const space = ifPresent(() => statfsSync(directory));
  return space !== undefined && (space.bavail === 0 || (space.files > 0 && space.ffree === 0));
}

/** Removes an unfinished copy. Leaves the rest to `mlx gc` if that fails. */
function discard(directory: string): void {
  try {
    setWritable(directory, true);
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A git that outlived its launcher may still write there.
  }
}
