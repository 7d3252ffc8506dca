import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { GitFailure } from './git.js';
import type { Repository } from './repository.js';
import { allBut, pathsInside } from './work-tree.js';

/** The note that the question was answered: it is asked once for each repository. */
const askedNote = ({ commonDirectory }: Repository) => join(commonDirectory, 'mlx', 'ignore-asked');

/** Which of the places that mlx writes to are in the work tree and not ignored by git; none once that was decided. */
export async function unignoredDirectories(repository: Repository, own: readonly string[]): Promise<string[]> {
  if (existsSync(askedNote(repository))) return [];
  return (await notIgnored(repository, own)).map((path) => `${path}/`);
}

/**
 * Pathspecs of all in a work tree but these places. One that git ignores is not among them: `git add` would refuse that it is named, even
 * to be left out.
 */
export async function allUnignoredBut(repository: Repository, own: readonly string[]): Promise<string[]> {
  return allBut(await notIgnored(repository, own));
}

/** Those of these directories that are in the work tree and not ignored, relative to its top. */
async function notIgnored({ git, root }: Repository, own: readonly string[]): Promise<string[]> {
  const inside = pathsInside(root, own);
  if (inside.length === 0) return [];
  try {
    // A directory, whether or not it is there yet. Names that git would quote are none of mlx's own.
    const output = await git('check-ignore', '--', ...inside.map((path) => `${path}/`));
    const ignored = new Set(output.split('\n'));
    return inside.filter((path) => !ignored.has(`${path}/`));
  } catch (error) {
    // Exit code 1: none of them is.
    if (error instanceof GitFailure) return inside;
    throw error;
  }
}

/** Notes that it was decided, and on request puts the places into the `.gitignore` at the top of the work tree. */
export function ignoreDirectories(repository: Repository, paths: readonly string[]): void {
  const note = askedNote(repository);
  mkdirSync(join(repository.commonDirectory, 'mlx'), { recursive: true });
  writeFileSync(note, '');
  if (paths.length === 0) return;
  const file = join(repository.root, '.gitignore');
  const text = ifPresent(() => readFileSync(file, 'utf8')) ?? '';
  const lines = paths.map((path) => `/${path.replace(/[\\*?[#!]| (?=\/$)/g, '\\$&')}\n`);
  writeFileAtomic(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('')}`);
}
