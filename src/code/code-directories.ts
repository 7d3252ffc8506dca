import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';

/** A path relative to the top of a work tree; undefined for one outside of it. */
export function pathInside(root: string, path: string): string | undefined {
  const real = realPath(path) ?? path;
  // A link that is in the work tree itself is meant as it is named.
  return [path, real].map((one) => relative(root, one)).find((one) => !/^\.\.(\/|$)/.test(one) && !isAbsolute(one));
}

/**
 * Where a path of the work tree is in the copy of it; undefined for one that the copy does not have, or that is in no work tree. What
 * is in the copy already is where it is.
 */
export function inCopy(
  { repository, copy }: { readonly repository: string; readonly copy: string | null },
  path: string,
): string | undefined {
  if (copy === null || pathInside(copy, path) !== undefined) return undefined;
  const inside = pathInside(repository, path);
  if (inside === undefined) return undefined;
  const place = join(copy, inside);
  return existsSync(place) ? place : undefined;
}

/** A path without symbolic links; undefined where it can't be looked up, as a directory of somebody else in PATH. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
