/** Returns the code of a system error (`ENOENT`, `EACCES`…), or undefined for any other error. */
export function errnoCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Returns the path of a system error, or undefined if it has none. */
export function errnoPath(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

/** Returns true if an error of renaming a directory says that there is one already: rename(2). */
export const isTaken = (error: unknown): boolean => ['EEXIST', 'ENOTEMPTY'].includes(errnoCode(error) ?? '');

/** Returns true if an error says that this user may not do what was tried. */
export const isDenied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(errnoCode(error) ?? '');

/** Returns what `ifPresent` does, and undefined also for a file that this user may not read. */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return ifPresent(read);
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the result of `read`, or undefined if the file or one of its directories does not exist. Throws
 * other errors.
 */
export function ifPresent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
