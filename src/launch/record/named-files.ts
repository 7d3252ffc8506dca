import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { localIso } from '../../core/clock.js';
import { ifPresent } from '../../core/errno.js';
import { type Plan, programsOf } from '../plan/plan.js';

/** A file that a command names, as it was at launch. */
export interface NamedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: string;
  /** Null for a file of more than 1 MiB. */
  readonly sha256: string | null;
}

/** Larger files are compared by size and time. */
const hashedBytes = 2 ** 20;

export const namedFile = v.object({
  path: v.string(),
  size: v.number(),
  modified: v.string(),
  sha256: v.nullable(v.string()),
});

/** Returns the files that the commands name: the program, its interpreter, and every word that is a file. */
export function namedFiles({ cwd, commands }: Pick<Plan, 'cwd' | 'commands'>): NamedFile[] {
  const named = commands.flatMap(programsOf).flatMap((program) => [program.executable, program.file, ...program.argv]);
  const words = named.map((word) => resolve(cwd, word));
  return [...new Set(words)].flatMap((path) => {
    try {
      return describeFile(path) ?? [];
    } catch {
      // If a file can't be read now, the program will report it.
      return [];
    }
  });
}

/** Describes a file as it is now; undefined if it is not a regular file. */
export function describeFile(path: string): NamedFile | undefined {
  const stat = ifPresent(() => statSync(path));
  if (!stat?.isFile()) return undefined;
  const sha256 = stat.size > hashedBytes ? null : createHash('sha256').update(readFileSync(path)).digest('hex');
  return { path, size: stat.size, modified: localIso(stat.mtime), sha256 };
}
