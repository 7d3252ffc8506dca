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

/** What one look at a log takes at most: a program may write faster than its output is shown. */
const pieceBytes = 4 * chunkBytes;

/** With more characters than this, an unfinished line is passed on in pieces. */
const mostUnfinished = 65_536;

/** A line of a log; of a very long one, a piece: all but the last are not `whole`. */
export interface LogLine {
  readonly text: string;
  readonly whole: boolean;
}

/**
 * Reads the lines that were added to a file since the last call, a bounded piece at a time. An unfinished
 * last line waits for its end; of a progress bar, only what was written last is kept.
 */
class LineTail {
  #offset = 0;
  /** Nothing behind this offset is read: it is of another attempt. */
  #end = Number.POSITIVE_INFINITY;
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

  /** The line that has not ended yet, as a terminal shows it. */
  get unfinished(): string {
    return lastWritten(this.#rest);
  }

  /**
   * The next lines, and whether there are more. With `last`, an unfinished line is among them if nothing
   * follows it.
   */
  read(last: boolean): { readonly lines: LogLine[]; readonly more: boolean } {
    const { text, more } = this.#grown();
    const texts = (this.#rest + text).split('\n');
    const rest = texts.pop() ?? '';
    const lines = texts.map((one): LogLine => ({ text: lastWritten(one), whole: true }));
    // A carriage return at the end may be followed by a newline.
    this.#rest = rest.includes('\r') ? lastWritten(rest) + (rest.endsWith('\r') ? '\r' : '') : rest;
    if (last && !more && this.#rest !== '') {
      lines.push({ text: lastWritten(this.#rest), whole: true });
      this.#rest = '';
    } else if (this.#rest.length >= mostUnfinished) {
      // The last character stays, so that the end of the line is not empty.
      const end = this.#rest.length - (/[\udc00-\udfff]$/.test(this.#rest) ? 2 : 1);
      lines.push({ text: this.#rest.slice(0, end), whole: false });
      this.#rest = this.#rest.slice(end);
    }
    return { lines, more };
  }

  /** Reads no further than the file's present end. */
  close(): void {
    this.#end = sizeOf(this.path);
  }

  /** Leaves out all but the last 64 KiB of what is not read yet. Returns the number of bytes left out. */
  skip(): number {
    const from = Math.min(sizeOf(this.path), this.#end) - chunkBytes;
    const skipped = Math.max(0, from - this.#offset);
    if (skipped === 0) return 0;
    this.#offset = from;
    this.#rest = '';
    return skipped;
  }

  #grown(): { readonly text: string; readonly more: boolean } {
    const stat = ifPresent(() => statSync(this.path));
    // Rotated or truncated: start again at its beginning.
    if (stat && ((this.#inode ?? stat.ino) !== stat.ino || stat.size < this.#offset)) this.#offset = 0;
    this.#inode = stat?.ino;
    const stop = Math.min(this.#offset + pieceBytes, this.#end);
    let text = '';
    for (const chunk of readChunks(this.path, this.#offset, stop)) {
      this.#offset += chunk.length;
      text += this.#decoder.write(chunk);
    }
    return { text, more: this.#offset === stop && stop < this.#end };
  }
}

/** The bytes of a file from an offset on, up to `stop`, in chunks; none if it does not exist. */
export function* readChunks(path: string, offset: number, stop = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
  const file = ifPresent(() => openSync(path, 'r'));
  if (file === undefined) return;
  try {
    for (let at = offset; ; ) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(chunkBytes, stop - at)));
      const read = readSync(file, buffer, 0, buffer.length, at);
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

/** The new lines of both logs of a run, and whether there are more already. */
interface NewLines {
  readonly stdout: readonly LogLine[];
  readonly stderr: readonly LogLine[];
  readonly more: boolean;
}

/** Follows both logs of a run: each `read` returns a bounded piece of what is new. */
export class LogFollower {
  readonly #stdout: LineTail;
  readonly #stderr: LineTail;

  /** Starts at the last `lines` lines of each log, or at their beginnings. */
  constructor(run: string, lines: number | 'all') {
    const tail = (path: string) => new LineTail(path, lines === 'all' ? 0 : offsetOfTail(path, lines));
    this.#stdout = tail(runPaths.stdout(run));
    this.#stderr = tail(runPaths.stderr(run));
  }

  /** The new lines of both logs; with `last`, including unfinished ones at their ends. */
  read(last: boolean): NewLines {
    const [stdout, stderr] = [this.#stdout.read(last), this.#stderr.read(last)];
    return { stdout: stdout.lines, stderr: stderr.lines, more: stdout.more || stderr.more };
  }

  /** The lines that have not ended yet, such as progress bars. */
  get unfinished(): string[] {
    return [this.#stdout.unfinished, this.#stderr.unfinished].filter((text) => text.trim() !== '');
  }

  /** Follows the logs no further than their present ends. */
  close(): void {
    this.#stdout.close();
    this.#stderr.close();
  }

  /** Leaves out all but the end of what is not read yet. Returns the number of bytes left out. */
  skip(): number {
    return this.#stdout.skip() + this.#stderr.skip();
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

/** Characters of a line that an excerpt has. */
const mostExcerpt = 2000;

/**
 * The last non-blank lines of a file, from its last 64 KiB, each cut after 2,000 characters; none if it does
 * not exist. The words for that if this user may not read it.
 */
export function readTail(path: string, count: number): string[] {
  try {
    const from = Math.max(0, sizeOf(path) - chunkBytes);
    const { lines } = new LineTail(path, from).read(true);
    const texts = lines.map(({ text }) => (text.length > mostExcerpt ? `${text.slice(0, mostExcerpt)}…` : text));
    return texts.filter((text) => text.trim() !== '').slice(-count);
  } catch (error) {
    if (isDenied(error)) return [`${basename(path)}: ${systemError('EACCES')}`];
    throw error;
  }
}
