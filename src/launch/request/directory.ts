/** A directory that a request is made from, and how paths in the command line are written there. */
export interface RequestDirectory {
  readonly cwd: string;
  /** Rewrites a word of the command line; the first word starts a program. */
  readonly word: (word: string, isFirst: boolean) => string;
  readonly directory: (path: string) => string;
}

/** The directory that mlx was called in: words stay as they are. */
export const requestHere = (cwd: string): RequestDirectory => ({
  cwd,
  word: (word) => word,
  directory: (path) => path,
});
