import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode, ifPresent } from '../core/errno.js';
import { fail } from '../failures/index.js';
import { pathInside } from './code-directories.js';
import type { CodeVersion } from './code-version.js';
import type { Repository } from './repository.js';

/**
 * Returns a path of data relative to the top of the work tree. Throws `bad-link` if it is outside or missing.
 */
export function dataInside({ root }: Repository, path: string): string {
  const inside = pathInside(root, path);
  if (inside === undefined || inside === '')
    return fail({ reason: 'bad-link', path, problem: 'outside', repository: root });
  if (!existsSync(path)) return fail({ reason: 'bad-link', path, problem: 'missing', repository: root });
  return inside;
}

/** Links data into a copy. Existing links stay. Throws `bad-link` if the commit has a file at that path. */
export function linkData({ repository, copy, links }: CodeVersion): void {
  for (const path of copy === null ? [] : links) {
    const [link, target] = [join(copy ?? '', path), join(repository, path)];
    if (isLinkTo(link, target)) continue;
    try {
      makeLink(link, target);
    } catch (error) {
      // Another launch has just made it.
      if (errnoCode(error) === 'EEXIST' && isLinkTo(link, target)) continue;
      const problem = errnoCode(error) === 'EEXIST' ? 'taken' : 'failed';
      fail({ reason: 'bad-link', path: target, problem, repository });
    }
  }
}

/** Makes a link and its parent directories, also in a read-only copy, which stays read-only. */
function makeLink(link: string, target: string): void {
  let directory = dirname(link);
  while (!existsSync(directory)) directory = dirname(directory);
  const { mode } = statSync(directory);
  if ((mode & 0o200) === 0) chmodSync(directory, mode | 0o200);
  try {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  } finally {
    if ((mode & 0o200) === 0) chmodSync(directory, mode);
  }
}

function isLinkTo(path: string, target: string): boolean {
  return (ifPresent(() => lstatSync(path))?.isSymbolicLink() && readlinkSync(path) === target) ?? false;
}
