import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ifPresent } from '../core/errno.js';
import { lastWritten } from '../core/text.js';
import { runPaths } from '../store/index.js';
import type { ArtifactFile, TextAnswer } from './wire.js';

/** So many artifacts of a run are listed. */
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

/** The type of an image that browsers show; undefined for any other file. */
export const imageType = (path: string): string | undefined => imageTypes[extname(path).toLowerCase()];

/** The files under a run's `artifacts/`, by name; `more` are those that are not listed. */
export function listArtifacts(run: string): { readonly files: ArtifactFile[]; readonly more: number } {
  const root = runPaths.artifacts(run);
  const entries = ifPresent(() => readdirSync(root, { recursive: true, encoding: 'utf8' })) ?? [];
  const files = entries.sort().flatMap((name): ArtifactFile[] => {
    // Where MLXP notes what there is.
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

/** A file of a run, opened; undefined for what is no plain file, is not there, or lies elsewhere by its name. */
export function openFile(run: string, path: string): { readonly file: number; readonly size: number } | undefined {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) return undefined;
  let file: number;
  try {
    // A named pipe would be waited for.
    file = openSync(join(run, path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  return undefined;
}

/** Which part of a file is meant: what follows `from`, its last so many bytes, or so many before `before`. */
export type Part =
  | { readonly from: number; readonly last: boolean }
  | { readonly tail: number; readonly last: boolean }
  | { readonly before: number };

/**
 * A part of a run's file as text, of `most` bytes at most. It begins and ends where lines do, while more may come, so that no character and no
 * escape sequence is cut in two. Undefined where there is no such file.
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
    // A line that is longer than all of this is cut.
    const end = isEnd || (lines <= first && bytes.length === most) ? bytes.length : Math.max(first, lines);
    return {
      text: terminalText(bytes.toString('utf8', first, end)),
      // A progress bar is one line that never ends.
      unfinished: terminalText(bytes.toString('utf8', end)),
      from: start + first,
      next: start + end,
      size,
    };
  } finally {
    closeSync(file);
  }
}

function boundsOf(part: Part, size: number, most: number): [start: number, stop: number] {
  if ('before' in part) {
    const stop = Math.min(size, part.before);
    return [Math.max(0, stop - most), stop];
  }
  if ('tail' in part) return [Math.max(0, size - Math.min(most, part.tail)), size];
  // A file that is shorter than what was read of it was begun anew.
  const start = part.from > size ? 0 : part.from;
  return [start, Math.min(size, start + most)];
}

/** What a terminal would be left with: colours gone, lines that were written over by progress bars gone, no other control characters, nor those that turn
 * the direction of text round. */
function terminalText(text: string): string {
  return stripVTControlCharacters(text)
    .split('\n')
    .map(lastWritten)
    .join('\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
