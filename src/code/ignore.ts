import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { GitFailure } from './git.js';
import type { Repository } from './repository.js';
import { allBut, pathsInside } from './work-tree.js';

/** The file that shows that the question was answered. It is asked once for each repository. */
const askedNote = ({ commonDirectory }: Repository) => join(commonDirectory, 'mlx', 'ignore-asked');

/**
 * Returns the directories that mlx writes to in the work tree and that git does not ignore; [] if the user
 * has answered.
 */
export async function unignoredDirectories(repository: Repository, own: readonly string[]): Promise<string[]> {
  if (existsSync(askedNote(repository))) return [];
  return (await notIgnored(repository, own)).map((path) => `${path}/`);
}

/**
 * Returns pathspecs for the whole work tree except these directories. Ignored directories are not named: `git
 * add` would refuse even to exclude them.
 */
export async function allUnignoredBut(repository: Repository, own: readonly string[]): Promise<string[]> {
  return allBut(await notIgnored(repository, own));
}

/** Returns those of these directories that are in the work tree and not ignored, relative to its top. */
async function notIgnored({ git, root }: Repository, own: readonly string[]): Promise<string[]> {
  const inside = pathsInside(root, own);
  if (inside.length === 0) return [];
  try {
    // The slash means a directory, even if it does not exist yet. mlx's own names need no quotes from git.
    const output = await git('check-ignore', '--', ...inside.map((path) => `${path}/`));
    const ignored = new Set(output.split('\n'));
    return inside.filter((path) => !ignored.has(`${path}/`));
  } catch (error) {
    // Exit code 1: none is ignored.
    if (error instanceof GitFailure) return inside;
    throw error;
  }
}

/**
 * Records that the user has answered, and adds these paths to the `.gitignore` at the top of the work tree.
 * Returns a function that takes both back, if nobody has changed the file since.
 */
export function ignoreDirectories(repository: Repository, paths: readonly string[]): () => void {
  const note = askedNote(repository);
  mkdirSync(join(repository.commonDirectory, 'mlx'), { recursive: true });
  writeFileSync(note, '');
  const forget = () => rmSync(note, { force: true });
  if (paths.length === 0) return forget;
  const file = join(repository.root, '.gitignore');
  const before = ifPresent(() => readFileSync(file, 'utf8'));
  const text = before ?? '';
  const lines = paths.map((path) => `/${path.replace(/[\\*?[#!]| (?=\/$)/g, '\\$&')}\n`);
  const after = `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('')}`;
  writeFileAtomic(file, after);
  return () => {
    forget();
    if (ifPresent(() => readFileSync(file, 'utf8')) !== after) return;
    if (before === undefined) rmSync(file, { force: true });
    else writeFileAtomic(file, before);
  };
}
