import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';

/** The parts of a message about a failure. `render.ts` puts them together. */
export interface Message {
  /** What is wrong. */
  readonly what: string;
  /** The text that is wrong, shown with a caret below it. */
  readonly span?: Span;
  /** Text beside the caret. */
  readonly note?: string;
  /** How to fix it. */
  readonly remedy?: string | undefined;
  /** The exit code of mlx. 2 if missing: the input was wrong and nothing was written. */
  readonly exitCode?: number;
}

/** The words of an area: a function for each of its reasons. An area that misses one does not compile. */
export type Words<F extends { readonly reason: string }> = {
  readonly [Reason in F['reason']]: (failure: Extract<F, { readonly reason: Reason }>) => Message;
};

/** The words of a union of problems: a function for each kind. A union that misses one does not compile. */
export type ProblemWords<P extends { readonly kind: string }> = {
  readonly [Kind in P['kind']]: (problem: Extract<P, { readonly kind: Kind }>) => string;
};

/** Returns the words for a problem, from the table of its union. */
export function say<P extends { readonly kind: string }>(words: ProblemWords<P>, problem: P): string {
  // TypeScript cannot see that the function and the problem have the same kind.
  const describe = words[problem.kind as P['kind']] as (problem: P) => string;
  return describe(problem);
}

/** Returns a user's word in quotes, safe to print. */
export const q = (text: string) => `'${printableLine(text)}'`;

/** Returns `, did you mean 'near'?`, or '' without a suggestion. */
export const didYouMean = (near: string | undefined) => (near === undefined ? '' : `, did you mean ${q(near)}?`);

/** Returns `, did you mean 'a', 'b' or 'c'?`, or '' without suggestions. */
export function didYouMeanOneOf(near: readonly string[]): string {
  const names = near.map(q);
  const last = names.at(-1);
  if (last === undefined) return '';
  return `, did you mean ${names.length > 1 ? `${names.slice(0, -1).join(', ')} or ` : ''}${last}?`;
}

/** Returns a message with a small first letter, to follow other words. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const mostNames = 12;

/** Returns the first twelve names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return names.slice(0, mostNames).map(printableLine).join(', ') + more;
}

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  ENOENT: 'it does not exist',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  EIO: 'the disk or network failed (input/output error)',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EEXIST: 'something of that name is in the way',
};

/**
 * Returns the words for an error code of the operating system, or the code itself if it is not a known one.
 */
export function systemError(code: string): string {
  return systemErrors[code] ?? code;
}
