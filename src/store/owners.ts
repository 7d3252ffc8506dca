import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { localIso } from '../core/clock.js';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity, thisProcess } from '../core/process.js';

// A directory that one process at a time may work on has owners, `owner.0`, `owner.1`, …: each number can be
// had by one process only.

/** The process that owns a directory: the first one, or the last one that took it over. */
export interface Owner {
  /** 0 for the first one. */
  readonly number: number;
  /** Undefined if its record is missing. */
  readonly process: ProcessIdentity | undefined;
}

/** Returns the last owner of a directory. Throws the system's error if the directory is missing. */
export function readLastOwner(directory: string): Owner {
  const number = Math.max(0, ...numbersIn(directory));
  return { number, process: readProcessIn(dirname(ownerPath(directory, number))) };
}

/** Returns the process in a directory's `process.yaml`; undefined if there is none. */
export function readProcessIn(directory: string): ProcessIdentity | undefined {
  const text = ifPresent(() => readFileSync(join(directory, 'process.yaml'), 'utf8'));
  const fields = text === undefined ? undefined : parseFlatRecord(text);
  return fields && readProcessIdentity(fields);
}

const numbersIn = (directory: string) =>
  readdirSync(directory).flatMap((name) => {
    const [, number] = /^owner\.(\d+)$/.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });

const ownerPath = (directory: string, number: number) => join(directory, `owner.${number}`, 'process.yaml');

/**
 * Writes an owner's record, by default for this process, which succeeds once only. The record is a file in a
 * directory, because a rename never replaces a directory that is not empty (rename(2): EEXIST or ENOTEMPTY),
 * but would replace a file. Throws the system's error.
 */
export function writeOwner(directory: string, number: number, { host, pid, start } = thisProcess()): void {
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

/** Whether an owner has said that it is done with the directory. */
export const hasReleased = (directory: string, number: number): boolean =>
  existsSync(join(directory, `owner.${number}`, 'released'));

/** Says that an owner is done with the directory, and forgets the owners before it. */
export function releaseOwner(directory: string, number: number): void {
  writeFileSync(join(directory, `owner.${number}`, 'released'), '');
  for (const earlier of numbersIn(directory)) {
    if (earlier < number) rmSync(join(directory, `owner.${earlier}`), { recursive: true, force: true });
  }
}
