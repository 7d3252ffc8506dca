import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ifPresent } from '../core/errno.js';
import { lastWritten } from '../core/text.js';
import { runPaths } from '../store/index.js';
import type { ArtifactFile, TextAnswer } from './wire.js';

/** At most this many artifacts of a run are listed. */
const mostArtifacts = 500;

const imageTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};
const textEndings = /\.(txt|log|md|csv|tsv|json|jsonl|ndjson|ya?ml|toml|ini|cfg|py|sh|tex|html?|xml|patch|diff)$/i;

/** The media type of an image that browsers show, by the file's name; undefined for any other file. */
export const imageType = (path: string): string | undefined => imageTypes[extname(path).toLowerCase()];

/** The files below a run's `artifacts/`, by name. `more` is the number of files that are not listed. */
export function listArtifacts(run: string): { readonly files: ArtifactFile[]; readonly more: number } {
  const root = runPaths.artifacts(run);
  const entries = ifPresent(() => readdirSync(root, { recursive: true, encoding: 'utf8' })) ?? [];
  const files = entries.sort().flatMap((name): ArtifactFile[] => {
    // MLXP's own list of artifacts.
    if (name.startsWith('.keys')) return [];
    const path = join('artifacts', name);
    const opened = openFile(run, path);
    if (!opened) return [];
    closeSync(opened.file);
    const shows = imageType(name) ? 'image' : textEndings.test(name) ? 'text' : 'nothing';
    return [{ path, bytes: opened.size, shows }];
  });
  return { files: files.slice(0, mostArtifacts), more: Math.max(0, files.length - mostArtifacts) };
}

/**
 * Opens a file of a run. Undefined if it does not exist, is no regular file, or its path leads out of the
 * directory.
 */
export function openFile(run: string, path: string): { readonly file: number; readonly size: number } | undefined {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) return undefined;
  let file: number;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait.
    file = openSync(join(run, path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  return undefined;
}

/** A part of a file, in bytes: what follows `from`, the last `tail` bytes, or what is before `before`. */
type Part =
  | { readonly from: number; readonly last: boolean }
  | { readonly tail: number; readonly last: boolean }
  | { readonly before: number };

/**
 * A part of a run's file as text, of at most `most` bytes. While the file may grow, it begins and ends at
 * line breaks, so that no character and no escape sequence is cut. Undefined if there is no such file.
 */
export function readText(run: string, path: string, part: Part, most: number): Omit<TextAnswer, 'isOver'> | undefined {
  const opened = openFile(run, path);
  if (!opened) return undefined;
  const { file, size } = opened;
  try {
    const [start, stop] = boundsOf(part, size, most);
    const buffer = Buffer.alloc(stop - start);
    const bytes = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, start));
    const first = 'from' in part || start === 0 ? 0 : bytes.indexOf(10) + 1;
    const lines = bytes.lastIndexOf(10) + 1;
    const isEnd = 'before' in part || (part.last && start + bytes.length >= size);
    // A line longer than `most` is cut; a progress bar that long is passed over up to its last state.
    const isCut = !isEnd && lines <= first && bytes.length === most;
    const bar = isCut ? lastStateOf(bytes) : 0;
    const end = bar > first ? bar : isEnd || isCut ? bytes.length : Math.max(first, lines);
    return {
      text: bar > first ? '' : terminalText(bytes.toString('utf8', first, end)),
      // A progress bar is a line that does not end.
      unfinished: terminalText(bytes.toString('utf8', end)),
      from: start + first,
      next: start + end,
      size,
    };
  } finally {
    closeSync(file);
  }
}

/** The offset of what a line overwrote itself with last; 0 if it did not. */
function lastStateOf(line: Buffer): number {
  let end = line.length;
  while (line[end - 1] === 13) end--;
  return line.subarray(0, end).lastIndexOf(13) + 1;
}

function boundsOf(part: Part, size: number, most: number): [start: number, stop: number] {
  if ('before' in part) {
    const stop = Math.min(size, part.before);
    return [Math.max(0, stop - most), stop];
  }
  if ('tail' in part) return [Math.max(0, size - Math.min(most, part.tail)), size];
  // A file that is shorter than before was started over.
  const start = part.from > size ? 0 : part.from;
  return [start, Math.min(size, start + most)];
}

/**
 * The text as a terminal shows it in the end: without colours and overwritten progress bars. Other control
 * characters, and those that change the direction of text, are replaced.
 */
function terminalText(text: string): string {
  return stripVTControlCharacters(text)
    .split('\n')
    .map(lastWritten)
    .join('\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
