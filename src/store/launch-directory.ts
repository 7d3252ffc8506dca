import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { customAlphabet } from 'nanoid';
import { writeFileAtomic } from '../core/atomic-file.js';
import { localIso } from '../core/clock.js';
import { errnoCode, ifPresent, ifReadable, isDenied, isTaken } from '../core/errno.js';
import { endsInsideLine } from '../core/files.js';
import { formatFlatRecord } from '../core/flat-record.js';
import { isAlive, type ProcessIdentity } from '../core/process.js';
import { fail } from '../failures/index.js';
import { type Owner, readLastOwner, writeOwner } from './owners.js';
import { maxFailuresFile, stoppedFile, storePaths } from './paths.js';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const firstLetter = customAlphabet(letters, 1);
const rest = customAlphabet(`${letters}0123456789`, 11);

/**
 * Returns a new id for a launch, or a new token: 12 letters and digits. A letter is first, so that YAML reads
 * it as text.
 */
export function newId(): string {
  return firstLetter() + rest();
}

/** The directory of a launch, open for writing: `.mlx/launches/ID`. */
export class LaunchDirectory {
  readonly #points: number;

  constructor(
    readonly id: string,
    readonly directory: string,
  ) {
    this.#points = openSync(join(directory, 'points.jsonl'), 'a+');
    // If a kill cut the last line short, the next line must not be appended to it.
    if (endsInsideLine(this.#points)) writeSync(this.#points, '\n');
  }

  /** Records that a point has this run. */
  addPoint(point: number, run: number): void {
    writeSync(this.#points, `${JSON.stringify({ point, run })}\n`);
  }

  /** Adds a file, whole or not at all. */
  addFile(name: string, text: string): void {
    writeFileAtomic(join(this.directory, name), text);
  }

  /** Records that nothing is left to do. */
  markDone(): void {
    this.addFile('done.yaml', formatFlatRecord({ date: localIso(new Date()) }));
  }

  close(): void {
    closeSync(this.#points);
  }
}

/**
 * Makes the directory of a launch, before any of its runs is claimed. Each file is written whole,
 * `launch.yaml` last, with `mode`. Throws `store-unusable`.
 */
export function createLaunch(
  store: string,
  id: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  mode = 0o666,
): LaunchDirectory {
  const directory = storePaths.launch(store, id);
  try {
    mkdirSync(directory, { recursive: true });
    writeOwner(directory, 0);
    if (Object.hasOwn(files, maxFailuresFile)) mkdirSync(storePaths.failures(store, id));
    for (const [name, text] of Object.entries(files)) {
      if (name !== 'launch.yaml') writeFileAtomic(join(directory, name), text);
    }
    writeFileAtomic(join(directory, 'launch.yaml'), files['launch.yaml'] ?? '', { flush: true, mode });
    return new LaunchDirectory(id, directory);
  } catch (error) {
    removeUnbegun(directory);
    return fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
}

/** Removes a launch that could not begin, its record first. Without it, what is left counts as unrecorded. */
function removeUnbegun(directory: string): void {
  try {
    rmSync(join(directory, 'launch.yaml'), { force: true });
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // The disk that could not be written to can't be tidied either.
  }
}

/** A launch that has a directory but no record: its process ended before it was recorded, or is at it. */
export interface UnrecordedLaunch {
  readonly launch: string;
  /** Its process; undefined if it ended before that was written. */
  readonly owner: ProcessIdentity | undefined;
  /** When its directory was last changed; milliseconds since 1970. */
  readonly changed: number;
}

/**
 * Returns the launches without a record. Nothing of them ever ran: the record precedes the first run. Leaves
 * out what this user may not look into.
 */
export function listUnrecordedLaunches(store: string): UnrecordedLaunch[] {
  const directory = join(storePaths.internal(store), 'launches');
  const unrecorded = (launch: string): UnrecordedLaunch | undefined => {
    const stat = statSync(join(directory, launch));
    if (!stat.isDirectory()) return undefined;
    const owner = ifPresent(() => readLaunchOwner(store, launch).process);
    // Looked for last: it may be written while we look.
    const isRecorded = ifPresent(() => statSync(join(directory, launch, 'launch.yaml'))) !== undefined;
    return isRecorded ? undefined : { launch, owner, changed: stat.mtimeMs };
  };
  const launches = (ifPresent(() => readdirSync(directory)) ?? []).sort();
  return launches.flatMap((launch) => ifReadable(() => unrecorded(launch)) ?? []);
}

/** Returns the launches that are not done and have no live owner on this host, the oldest first. */
export function listInterruptedLaunches(store: string): string[] {
  return listLaunches(store)
    .filter(({ done, hidden, launch }) => !done && !hidden && isAlive(readLaunchOwner(store, launch).process) !== true)
    .map(({ launch }) => launch);
}

/** Returns the last owner of a launch. Throws the system's error if the launch has no directory. */
export const readLaunchOwner = (store: string, launch: string): Owner =>
  readLastOwner(storePaths.launch(store, launch));

/**
 * Makes this process the next owner, which only one process can be. Returns undefined if another was faster.
 */
export function takeOverLaunch(store: string, launch: string, after: Owner): LaunchDirectory | undefined {
  const directory = storePaths.launch(store, launch);
  try {
    writeOwner(directory, after.number + 1);
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
  rmSync(join(directory, stoppedFile), { force: true });
  return new LaunchDirectory(launch, directory);
}

/** Has a launch stay as it is until it is named: it was stopped on purpose. Throws the system's error. */
export function markLaunchStopped(store: string, launch: string, reason: string): void {
  writeFileAtomic(join(storePaths.launch(store, launch), stoppedFile), `${reason}\n`);
}

/** Returns why a launch was stopped on purpose; undefined if it was not, or was taken up since. */
export const stopReasonOf = (store: string, launch: string): string | undefined =>
  ifPresent(() => readFileSync(join(storePaths.launch(store, launch), stoppedFile), 'utf8'))?.trim();

/** Makes another process the owner of a launch that this process owns. Throws the system's error. */
export function handOverLaunch(store: string, launch: string, to: ProcessIdentity): void {
  writeOwner(storePaths.launch(store, launch), readLaunchOwner(store, launch).number + 1, to);
}

/** Returns whether a process on this host carries a launch out, so that it may make more runs. */
export const isBeingMade = (store: string, launch: string): boolean =>
  !isLaunchDone(store, launch) && isAlive(readLaunchOwner(store, launch).process) === true;

/** Returns whether nothing of a launch was left to do when its last owner ended its work. */
export function isLaunchDone(store: string, launch: string): boolean {
  return existsSync(join(storePaths.launch(store, launch), 'done.yaml'));
}

/** Returns the runs of a launch, by point. A line that was cut short counts as missing. */
export function readLaunchPoints(store: string, launch: string): Map<number, number> {
  const text = ifPresent(() => readFileSync(join(storePaths.launch(store, launch), 'points.jsonl'), 'utf8')) ?? '';
  const points = new Map<number, number>();
  for (const line of text.split('\n')) {
    const [, point, run] = /^\{"point":(\d+),"run":(\d+)\}$/.exec(line) ?? [];
    if (point !== undefined && !points.has(Number(point))) points.set(Number(point), Number(run));
  }
  return points;
}

/** A launch of a store, in a list. */
export interface LaunchSummary {
  readonly launch: string;
  /** When the launch began. */
  readonly begun: Date;
  /** True if nothing is left to do. */
  readonly done: boolean;
  /** True if it is somebody else's, and this user may not read its record. */
  readonly hidden: boolean;
}

/**
 * Returns the launches of a store, the oldest first. Leaves out a launch that was killed before `launch.yaml`
 * was written: it has no runs.
 */
export function listLaunches(store: string): LaunchSummary[] {
  const directory = join(storePaths.internal(store), 'launches');
  const launches = (ifPresent(() => readdirSync(directory)) ?? []).flatMap((launch) => {
    const record = join(directory, launch, 'launch.yaml');
    const done = existsSync(join(directory, launch, 'done.yaml'));
    try {
      const stat = ifPresent(() => statSync(record));
      if (!stat) return [];
      return [{ launch, begun: recordedDate(record) ?? stat.mtime, done, hidden: false, written: stat.mtimeMs }];
    } catch (error) {
      if (!isDenied(error)) throw error;
      const { mtime } = statSync(join(directory, launch));
      return [{ launch, begun: mtime, done, hidden: true, written: mtime.getTime() }];
    }
  });
  // The date has whole seconds only, so file times decide between equal dates. In a copied store they may be
  // wrong.
  return sortBy(launches, ['begun', 'written']);
}

/** Returns the date in a launch's record, or undefined if it has none. */
function recordedDate(record: string): Date | undefined {
  const file = openSync(record, 'r');
  try {
    const head = Buffer.alloc(200);
    const [, date] = /^date: "([^"]+)"$/m.exec(head.toString('utf8', 0, readSync(file, head))) ?? [];
    return date === undefined ? undefined : new Date(date);
  } finally {
    closeSync(file);
  }
}
