import { randomBytes } from 'node:crypto';
import { close, closeSync, fsync, fsyncSync, open, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

// write-file-atomic was tried and does not do this job: its temporary names hold no host, so that two hosts that
// share a directory over NFS can take the same one.
const temporarySuffix = `${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
let counter = 0;

export interface WriteOptions {
  /** The bytes are on the disk before the rename. */
  readonly flush?: boolean;
  /** Permissions, before the umask. */
  readonly mode?: number;
}

/**
 * Writes a whole file or nothing: a temporary file in the same directory, then a rename.
 * Throws the system's error; no temporary file stays behind.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, options?: WriteOptions): void {
  replaceFile(path, (temporary) => {
    const file = openSync(temporary, 'wx', options?.mode);
    try {
      writeAll(file, Buffer.from(content));
      if (options?.flush) fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Has `save` make a temporary file in the same directory, which then takes the place of `path`; as `writeFileAtomic`. */
export function replaceFile(path: string, save: (temporary: string) => void): void {
  const temporary = `${path}.${temporarySuffix}.${counter++}.tmp`;
  try {
    save(temporary);
    renameSync(temporary, path);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made, or was renamed already; the first error is the one to report.
    }
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

// Not node:fs/promises: each of its file handles keeps native memory until the garbage collector comes by.
const openFile = promisify(open);
const flush = promisify(fsync);
const closeFile = promisify(close);

/** Flushes a file's bytes to the disk without blocking. Rejects with the system's error. */
export async function flushFile(path: string): Promise<void> {
  const file = await openFile(path, 'r');
  await flush(file).finally(() => closeFile(file));
}
