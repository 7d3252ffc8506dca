import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { access, lstat, readlink, realpath } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import sortBy from 'lodash/sortBy.js';
import { lastWritten } from '../core/text.js';
import { unprintable } from '../core/unprintable.js';
import { type WalkedEntry, walk } from '../core/walk.js';
import { runPaths } from '../store/index.js';
import type { ArtifactFile, TextAnswer } from './wire.js';

/** At most this many artifacts of a run are listed. */
const mostArtifacts = 500;
/** At most this many entries of directories are looked at for them. */
const mostLooked = 10_000;

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

/** A run's directory as the page may read it. Without `followLinks` nothing outside of it is served. */
export interface RunFiles {
  readonly directory: string;
  readonly followLinks: boolean;
}

/**
 * The files below a run's `artifacts/`, by name. Links to directories are listed and not looked into, and so
 * are links out of the run; `followLinks` looks into those. `more` tells that some files are not listed.
 */
export async function listArtifacts(
  run: RunFiles,
): Promise<{ readonly files: ArtifactFile[]; readonly more: boolean }> {
  const files: ArtifactFile[] = [];
  const followed = new Set<string>();
  const directories: string[] = [];
  const take = async (path: string, kind: WalkedEntry['kind']) => {
    const found = kind === 'file' || kind === 'link' ? await artifactAt(run, path) : undefined;
    if (found === undefined) return;
    if (!('directory' in found)) files.push(found);
    else if (!followed.has(found.directory)) directories.push(path);
    if ('directory' in found) followed.add(found.directory);
  };
  const root = relative(run.directory, runPaths.artifacts(run.directory));
  if (await isLink(join(run.directory, root))) await take(root, 'link');
  else directories.push(root);
  let looked = 0;
  let more = false;
  for (const directory of directories) {
    for await (const { path, kind } of walk(join(run.directory, directory), isShown)) {
      more = files.length === mostArtifacts || ++looked > mostLooked;
      if (more) break;
      if (isShown({ path })) await take(join(directory, path), kind);
    }
    if (more) break;
  }
  return { files: sortBy(files, 'path'), more };
}

/** False for MLXP's own list of artifacts. */
const isShown = ({ path }: Pick<WalkedEntry, 'path'>) => !path.startsWith('.keys');

const isLink = async (path: string) => (await whereReadable(lstat(path)))?.isSymbolicLink() === true;

/**
 * An artifact as it is listed, or the directory that a link to be followed leads to. Undefined for what can't
 * be read.
 */
async function artifactAt(
  run: RunFiles,
  path: string,
): Promise<ArtifactFile | { readonly directory: string } | undefined> {
  const named = join(run.directory, path);
  const target = await whereReadable(readlink(named));
  const real = await whereReadable(realpath(named));
  const stat = real === undefined ? undefined : await whereReadable(lstat(real));
  const isInside = real !== undefined && isBelow(real, await realpath(run.directory));
  if (target !== undefined && !stat?.isFile()) {
    const isFollowed = run.followLinks && stat?.isDirectory() && !isInside;
    return isFollowed ? { directory: real ?? '' } : { path, target };
  }
  if (!stat?.isFile()) return undefined;
  if (target !== undefined && !isInside && !run.followLinks) return { path, target };
  const isReadable = await access(named, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isReadable) return undefined;
  const shows = imageType(path) ? 'image' : textEndings.test(path) ? 'text' : 'nothing';
  return { path, bytes: stat.size, shows };
}

const isBelow = (path: string, directory: string) => path.startsWith(`${directory}${sep}`);

/** The result, or undefined for a file that does not exist, is of another kind, or may not be read. */
const whereReadable = async <T>(found: Promise<T>): Promise<T | undefined> => found.catch(() => undefined);

/**
 * Opens a file of a run. Undefined if it does not exist, is no regular file, or its path leads out of the
 * directory.
 */
export function openFile(run: RunFiles, path: string): { readonly file: number; readonly size: number } | undefined {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) return undefined;
  let file: number;
  try {
    const named = join(run.directory, path);
    const place = run.followLinks ? named : placeInside(run.directory, named);
    if (place === undefined) return undefined;
    // Without O_NONBLOCK, opening a named pipe would wait. A link that replaces the file now is refused.
    const noLink = run.followLinks ? 0 : constants.O_NOFOLLOW;
    file = openSync(place, constants.O_RDONLY | constants.O_NONBLOCK | noLink);
  } catch {
    return undefined;
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  return undefined;
}

/**
 * Where a file of a run really is, or undefined if that is outside the run. A run that was moved, with a link
 * in its place, is a run; a link to anything else is none.
 */
function placeInside(run: string, named: string): string | undefined {
  if (lstatSync(run).isSymbolicLink() && !lstatSync(runPaths.metadata(run)).isDirectory()) return undefined;
  const real = realpathSync(named);
  return isBelow(real, realpathSync(run)) ? real : undefined;
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
export function readText(
  run: RunFiles,
  path: string,
  part: Part,
  most: number,
): Omit<TextAnswer, 'isOver'> | undefined {
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
  return stripVTControlCharacters(text).split('\n').map(lastWritten).join('\n').replace(unprintable, '\ufffd');
}
