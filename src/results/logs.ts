import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ifPresent } from '../core/errno.js';
import { lastWritten } from '../core/text.js';
import { runPaths } from '../store/index.js';
import { betweenAttempts } from './program-error/lines.js';

const chunkBytes = 65_536;
const newline = 10;

/** Reads what a file has grown by since the last call, as whole lines; a last line without an end waits for it. */
class LineTail {
  #offset = 0;
  /** The file that the offset is in; another one may take its place. */
  #inode: number | undefined;
  #rest = '';
  readonly #decoder = new StringDecoder('utf8');

  constructor(
    readonly path: string,
    offset = 0,
  ) {
    this.#offset = offset;
  }

  /** The new lines; with `last`, an unfinished one too. */
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
    // Rotated, or cut off and begun anew.
    if (stat && ((this.#inode ?? stat.ino) !== stat.ino || stat.size < this.#offset)) this.#offset = 0;
    this.#inode = stat?.ino;
    for (const chunk of readChunks(this.path, this.#offset)) {
      this.#offset += chunk.length;
      text += this.#decoder.write(chunk);
    }
    return text;
  }
}

/** What a file holds from a byte offset on, in pieces; nothing where it is not there. */
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

/** The byte at which the last lines of a file begin, as it is now; a line without an end counts. The file is read from its end, a piece at a time. */
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
        // The newline at the very end begins no line.
        if (piece[at] === newline && from + at < size - 1 && --left === 0) return from + at + 1;
      }
      end = from;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

/** Follows both logs of a run. */
export class LogFollower {
  readonly #stdout: LineTail;
  readonly #stderr: LineTail;

  /** From the last `lines` of the logs on as they are now, or from their beginnings. */
  constructor(run: string, lines: number | 'all') {
    const tail = (path: string) => new LineTail(path, lines === 'all' ? 0 : offsetOfTail(path, lines));
    this.#stdout = tail(runPaths.stdout(run));
    this.#stderr = tail(runPaths.stderr(run));
  }

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

/** The last lines of what a run wrote to stderr; of stdout where stderr is empty. */
export function readLogTail(run: string, count: number): string[] {
  for (const path of [runPaths.stderr(run), runPaths.stdout(run)]) {
    const lines = readTail(path, count + 1).filter((line) => !betweenAttempts.test(line));
    if (lines.length > 0) return lines.slice(-count);
  }
  return [];
}

/** The last lines of a file that hold something, as far as 64 KiB reach; of one that is not there none. */
export function readTail(path: string, count: number): string[] {
  const from = Math.max(0, sizeOf(path) - chunkBytes);
  const lines = new LineTail(path, from).read(true).filter((line) => line.trim() !== '');
  return lines.slice(-count);
}
