import { randomBytes } from 'node:crypto';
import { close, closeSync, fsync, fsyncSync, open, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

// The package write-file-atomic does not fit: its temporary names contain no host, so two hosts that share a
// directory over NFS could use the same name.
const temporarySuffix = `${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
let counter = 0;

interface WriteOptions {
  /** True to write the bytes to the disk before the rename. */
  readonly flush?: boolean;
  /** Permissions; the umask still applies. */
  readonly mode?: number;
}

/**
 * Writes a whole file or nothing: writes a temporary file in the same directory, then renames it. Throws the
 * system's error, and removes the temporary file.
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

/**
 * Replaces a file like `writeFileAtomic`, but lets `save` write the temporary file. Throws the error of
 * `save` or of the rename.
 */
export function replaceFile(path: string, save: (temporary: string) => void): void {
  const temporary = `${path}.${temporarySuffix}.${counter++}.tmp`;
  try {
    save(temporary);
    renameSync(temporary, path);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // The temporary file was not made. Report the first error.
    }
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

// Not node:fs/promises: each of its file handles keeps native memory until the garbage collector runs.
const openFile = promisify(open);
const flush = promisify(fsync);
const closeFile = promisify(close);

/** Writes a file's bytes to the disk (fsync) without blocking. Rejects with the system's error. */
export async function flushFile(path: string): Promise<void> {
  const file = await openFile(path, 'r');
  await flush(file).finally(() => closeFile(file));
}
