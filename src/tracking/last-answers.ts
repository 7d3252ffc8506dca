import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../core/atomic-file.js';
import { storePaths } from '../store/index.js';

/** An engine's last answers about jobs that had not ended. They are shown when the engine does not answer. */
export interface LastAnswers {
  /** Seconds since 1970. */
  readonly at: number;
  readonly jobs: Readonly<Record<string, LastAnswer>>;
}

export interface LastAnswer {
  readonly state: 'queued' | 'held' | 'running' | 'unknown' | 'gone';
  readonly word: string;
  /** When the engine first did not know the job any more. Seconds since 1970. */
  readonly since?: number | undefined;
}

const schema = v.record(
  v.string(),
  v.object({
    at: v.number(),
    jobs: v.record(
      v.string(),
      v.object({
        state: v.picklist(['queued', 'held', 'running', 'unknown', 'gone']),
        word: v.string(),
        since: v.optional(v.number()),
      }),
    ),
  }),
);

const path = (store: string) => join(storePaths.internal(store), 'answers.json');

/** Returns the last answers of each engine. A missing or unreadable file counts as empty: it is a cache. */
export function readLastAnswers(store: string): Record<string, LastAnswers> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(path(store), 'utf8')));
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}

/** Saves the last answers of each engine. Ignores errors: the next answers then lack the earlier ones. */
export function writeLastAnswers(store: string, answers: Readonly<Record<string, LastAnswers>>): void {
  try {
    writeFileAtomic(path(store), JSON.stringify(answers));
  } catch {
    // The store is read-only, or the disk is full.
  }
}
