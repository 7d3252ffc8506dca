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
import { storePaths } from './paths.js';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const firstLetter = customAlphabet(letters, 1);
const rest = customAlphabet(`${letters}0123456789`, 11);

/** A new id for a launch or a token: 12 letters and digits, a letter first, so that no YAML reader takes it for a number. */
export function newId(): string {
  return firstLetter() + rest();
}

/** The record of a launch while it is being written. */
export class LaunchDirectory {
  readonly #points: number;

  constructor(
    readonly id: string,
    readonly directory: string,
  ) {
    this.#points = openSync(join(directory, 'points.jsonl'), 'a+');
    // A line that was cut short by a kill must not swallow the next one.
    if (endsInsideLine(this.#points)) writeSync(this.#points, '\n');
  }

  /** Appends that a point has its run. */
  addPoint(point: number, run: number): void {
    writeSync(this.#points, `${JSON.stringify({ point, run })}\n`);
  }

  /** Adds a file that could not be there from the start. */
  addFile(name: string, text: string): void {
    writeFileAtomic(join(this.directory, name), text);
  }

  /** Says that nothing is left to do. */
  markDone(): void {
    this.addFile('done.yaml', formatFlatRecord({ date: localIso(new Date()) }));
  }

  close(): void {
    closeSync(this.#points);
  }
}

/**
 * Begins the record of a launch, before any of its runs is claimed: each file whole, `launch.yaml` last. Throws
 * `store-unusable`.
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
    for (const [name, text] of Object.entries(files)) {
      if (name !== 'launch.yaml') writeFileAtomic(join(directory, name), text);
    }
    writeFileAtomic(join(directory, 'launch.yaml'), files['launch.yaml'] ?? '', { flush: true });
    return new LaunchDirectory(id, directory);
  } catch (error) {
    return fail({ reason: 'store-unusable', path: store, code: errnoCode(error) ?? String(error) });
  }
}

/** The launches that are not done and that no process of this host carries out, the oldest first. */
export function listInterruptedLaunches(store: string): string[] {
  return listLaunches(store)
    .filter(({ done, launch }) => !done && isAlive(readLaunchOwner(store, launch).process) !== true)
    .map(({ launch }) => launch);
}

/** The process that carries a launch out: the one that began it, or the last one that took it over. */
export interface LaunchOwner {
  /** 0 for the one that began it. */
  readonly number: number;
  /** Undefined where its record is gone. */
  readonly process: ProcessIdentity | undefined;
}

export function readLaunchOwner(store: string, launch: string): LaunchOwner {
  const directory = storePaths.launch(store, launch);
  const numbers = readdirSync(directory).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0));
  const number = Math.max(0, ...numbers);
  const text = ifPresent(() => readFileSync(ownerPath(directory, number), 'utf8'));
  const fields = text === undefined ? undefined : parseFlatRecord(text);
  return { number, process: fields && readProcessIdentity(fields) };
}

/**
 * Makes this process the owner after the given one, which only one process can; gives undefined where another was quicker.
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
 * Writes an owner's record so that it is there whole at once, and for one process only: a directory that holds something is
 * never replaced by a rename (rename(2): EEXIST or ENOTEMPTY), which a file would be.
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

/** The runs that a launch is known to have made, by point. A line that was cut short counts as absent. */
export function readLaunchPoints(store: string, launch: string): Map<number, number> {
  const text = ifPresent(() => readFileSync(join(storePaths.launch(store, launch), 'points.jsonl'), 'utf8')) ?? '';
  const points = new Map<number, number>();
  for (const line of text.split('\n')) {
    const [, point, run] = /^\{"point":(\d+),"run":(\d+)\}$/.exec(line) ?? [];
    if (point !== undefined && !points.has(Number(point))) points.set(Number(point), Number(run));
  }
  return points;
}

/** A launch of a store, in brief. */
export interface LaunchSummary {
  readonly launch: string;
  /** When its record was made. */
  readonly begun: Date;
  /** Whether nothing is left to do. */
  readonly done: boolean;
}

/** The launches of a store, the oldest first. One that was killed before its record was whole has made no run and is left out. */
export function listLaunches(store: string): LaunchSummary[] {
  const directory = join(storePaths.internal(store), 'launches');
  const launches = (ifPresent(() => readdirSync(directory)) ?? []).flatMap((launch) => {
    const record = join(directory, launch, 'launch.yaml');
    const stat = ifPresent(() => statSync(record));
    const done = existsSync(join(directory, launch, 'done.yaml'));
    return stat ? [{ launch, begun: recordedDate(record) ?? stat.mtime, done, written: stat.mtimeMs }] : [];
  });
  // The date is of whole seconds. A store that was copied has it, and other times of its files.
  return sortBy(launches, ['begun', 'written']);
}

/** The date near the beginning of a launch's record. */
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
