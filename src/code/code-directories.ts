import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';

/** Returns a path relative to the top of a work tree, or undefined if it is outside. */
export function pathInside(root: string, path: string): string | undefined {
  const real = realPath(path) ?? path;
  // A link inside the work tree counts as inside, wherever it points.
  return [path, real].map((one) => relative(root, one)).find((one) => !/^\.\.(\/|$)/.test(one) && !isAbsolute(one));
}

/**
 * Returns the path in the copy that corresponds to a path in the work tree. Undefined if the copy does not
 * have it, and if the path is outside the work tree or already in the copy.
 */
export function inCopy(
  { repository, copy }: { readonly repository: string; readonly copy: string | null },
  path: string,
): string | undefined {
  if (copy === null || pathInside(copy, path) !== undefined) return undefined;
  const inside = pathInside(repository, path);
  if (inside === undefined) return undefined;
  const copied = join(copy, inside);
  return existsSync(copied) ? copied : undefined;
}

/**
 * Returns a path without symbolic links, or undefined if it can't be read, such as another user's directory
 * in PATH.
 */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
