import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { customAlphabet } from 'nanoid';
import { writeFileAtomic } from '../core/atomic-file.js';
import { localIso } from '../core/clock.js';
import { errnoCode, ifPresent } from '../core/errno.js';
import { endsInsideLine } from '../core/files.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { isAlive, type ProcessIdentity, readProcessIdentity, thisProcess } from '../core/process.js';
import { fail } from '../failures/index.js';
import { maxFailuresFile, storePaths } from './paths.js';

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
 * `launch.yaml` last. Throws `store-unusable`.
 */
export function createLaunch(
  store: string,
  id: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): LaunchDirectory {
  const directory = storePaths.launch(store, id);
  try {
    mkdirSync(directory, { recursive: true });
    writeOwner(directory, 0);
    if (Object.hasOwn(files, maxFailuresFile)) mkdirSync(storePaths.failures(store, id));
    for (const [name, text] of Object.entries(files)) {
      if (name !== 'launch.yaml') writeFileAtomic(join(directory, name), text);
    }
    writeFileAtomic(join(directory, 'launch.yaml'), files['launch.yaml'] ?? '', { flush: true });
    return new LaunchDirectory(id, directory);
  } catch (error) {
    return fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
}

/** Returns the launches that are not done and have no live owner on this host, the oldest first. */
export function listInterruptedLaunches(store: string): string[] {
  return listLaunches(store)
    .filter(({ done, launch }) => !done && isAlive(readLaunchOwner(store, launch).process) !== true)
    .map(({ launch }) => launch);
}

/** The process that owns a launch: the one that began it, or the last one that took it over. */
export interface LaunchOwner {
  /** 0 for the process that began it. */
  readonly number: number;
  /** Undefined if its record is missing. */
  readonly process: ProcessIdentity | undefined;
}

/** Returns the last owner of a launch. Throws the system's error if the launch has no directory. */
export function readLaunchOwner(store: string, launch: string): LaunchOwner {
  const directory = storePaths.launch(store, launch);
  const numbers = readdirSync(directory).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0));
  const number = Math.max(0, ...numbers);
  const text = ifPresent(() => readFileSync(ownerPath(directory, number), 'utf8'));
  const fields = text === undefined ? undefined : parseFlatRecord(text);
  return { number, process: fields && readProcessIdentity(fields) };
}

/**
 * Makes this process the next owner, which only one process can be. Returns undefined if another was faster.
 */
export function takeOverLaunch(store: string, launch: string, after: LaunchOwner): LaunchDirectory | undefined {
  const directory = storePaths.launch(store, launch);
  try {
    writeOwner(directory, after.number + 1);
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY'].includes(errnoCode(error) ?? '')) return undefined;
    throw error;
  }
  return new LaunchDirectory(launch, directory);
}

const ownerPath = (directory: string, number: number) => join(directory, `owner.${number}`, 'process.yaml');

/**
 * Writes an owner's record, which succeeds for one process only. The record is a file in a directory, because
 * a rename never replaces a directory that is not empty (rename(2): EEXIST or ENOTEMPTY), but would replace a
 * file.
 */
function writeOwner(directory: string, number: number): void {
  const { host, pid, start } = thisProcess();
  const path = dirname(ownerPath(directory, number));
  const temporary = `${path}.${host}.${pid}.tmp`;
  mkdirSync(temporary);
  const record = formatFlatRecord({ host, pid, process_start: start, date: localIso(new Date()) });
  writeFileSync(join(temporary, 'process.yaml'), record);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
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
}

/**
 * Returns the launches of a store, the oldest first. Leaves out a launch that was killed before `launch.yaml`
 * was written: it has no runs.
 */
export function listLaunches(store: string): LaunchSummary[] {
  const directory = join(storePaths.internal(store), 'launches');
  const launches = (ifPresent(() => readdirSync(directory)) ?? []).flatMap((launch) => {
    const record = join(directory, launch, 'launch.yaml');
    const stat = ifPresent(() => statSync(record));
    const done = existsSync(join(directory, launch, 'done.yaml'));
    return stat ? [{ launch, begun: recordedDate(record) ?? stat.mtime, done, written: stat.mtimeMs }] : [];
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
