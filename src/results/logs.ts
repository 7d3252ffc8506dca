import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { ifPresent, isDenied } from '../core/errno.js';
import { lastWritten } from '../core/text.js';
import { systemError } from '../failures/index.js';
import { runPaths } from '../store/index.js';
import { ofLastAttempt } from './program-error/lines.js';

const chunkBytes = 65_536;
const newline = 10;

/**
 * Reads the lines that were added to a file since the last call. An unfinished last line waits for its end.
 */
class LineTail {
  #offset = 0;
  /** The file that the offset belongs to; the path may come to name another file. */
  #inode: number | undefined;
  #rest = '';
  readonly #decoder = new StringDecoder('utf8');

  constructor(
    readonly path: string,
    offset = 0,
  ) {
    this.#offset = offset;
  }

  /** The new lines; with `last`, including an unfinished one. */
  read(last: boolean): string[] {
    const text = this.#rest + this.#grown();
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    if (last && this.#rest !== '') {
      lines.push(this.#rest);
      this.#rest = '';
    }
    return lines.map(lastWritten);
  }

  #grown(): string {
    let text = '';
    const stat = ifPresent(() => statSync(this.path));
    // Rotated or truncated: start again at its beginning.
    if (stat && ((this.#inode ?? stat.ino) !== stat.ino || stat.size < this.#offset)) this.#offset = 0;
    this.#inode = stat?.ino;
    for (const chunk of readChunks(this.path, this.#offset)) {
      this.#offset += chunk.length;
      text += this.#decoder.write(chunk);
    }
    return text;
  }
}

/** The bytes of a file from an offset on, in chunks; none if it does not exist. */
export function* readChunks(path: string, offset: number): Generator<Uint8Array> {
  const file = ifPresent(() => openSync(path, 'r'));
  if (file === undefined) return;
  try {
    for (let at = offset; ; ) {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, buffer, 0, chunkBytes, at);
      if (read === 0) return;
      at += read;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/**
 * The byte offset at which the last `count` lines of a file begin; an unfinished last line counts. Reads the
 * file from its end, a chunk at a time. 0 for a file that does not exist.
 */
export function offsetOfTail(path: string, count: number): number {
  const size = sizeOf(path);
  if (count === 0 || size === 0) return size;
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let left = count;
    for (let end = size; end > 0; ) {
      const from = Math.max(0, end - chunkBytes);
      const piece = buffer.subarray(0, readSync(file, buffer, 0, end - from, from));
      for (let at = piece.length - 1; at >= 0; at--) {
        // No line begins after a newline at the very end.
        if (piece[at] === newline && from + at < size - 1 && --left === 0) return from + at + 1;
      }
      end = from;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

/** Follows both logs of a run: each `read` returns the lines that are new. */
export class LogFollower {
  readonly #stdout: LineTail;
  readonly #stderr: LineTail;

  /** Starts at the last `lines` lines of each log, or at their beginnings. */
  constructor(run: string, lines: number | 'all') {
    const tail = (path: string) => new LineTail(path, lines === 'all' ? 0 : offsetOfTail(path, lines));
    this.#stdout = tail(runPaths.stdout(run));
    this.#stderr = tail(runPaths.stderr(run));
  }

  /** The new lines of both logs; with `last`, including unfinished ones. */
  read(last: boolean): { readonly stdout: string[]; readonly stderr: string[] } {
    return { stdout: this.#stdout.read(last), stderr: this.#stderr.read(last) };
  }
}

function sizeOf(path: string): number {
  const file = ifPresent(() => openSync(path, 'r'));
  if (file === undefined) return 0;
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** The last lines of the last attempt's stderr, or of its stdout if its stderr is empty. */
export function readLogTail(run: string, count: number): string[] {
  for (const path of [runPaths.stderr(run), runPaths.stdout(run)]) {
    const lines = ofLastAttempt(readTail(path, count + 1));
    if (lines.length > 0) return lines.slice(-count);
  }
  return [];
}

/**
 * The last non-blank lines of a file, from its last 64 KiB; none if it does not exist. The words for that if
 * this user may not read it.
 */
export function readTail(path: string, count: number): string[] {
  try {
    const from = Math.max(0, sizeOf(path) - chunkBytes);
    const lines = new LineTail(path, from).read(true).filter((line) => line.trim() !== '');
    return lines.slice(-count);
  } catch (error) {
    if (isDenied(error)) return [`${basename(path)}: ${systemError('EACCES')}`];
    throw error;
  }
}
