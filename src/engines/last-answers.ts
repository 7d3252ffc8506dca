import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../core/atomic-file.js';
import { storePaths } from '../store/index.js';

/** What an engine said last of the jobs of a store that had not ended: kept to be told when it does not answer. */
export interface LastAnswers {
  /** Seconds since 1970. */
  readonly at: number;
  readonly jobs: Readonly<Record<string, LastAnswer>>;
}

export interface LastAnswer {
  readonly state: 'queued' | 'held' | 'running' | 'unknown' | 'gone';
  readonly word: string;
  /** Of a job that the engine does not know any more: since when. Seconds since 1970. */
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

/** By engine. A cache: one that is missing or unreadable knows nothing. */
export function readLastAnswers(store: string): Record<string, LastAnswers> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(path(store), 'utf8')));
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}

/** Failing to write it is no failure: an answer is then told without what was before. */
export function writeLastAnswers(store: string, answers: Readonly<Record<string, LastAnswers>>): void {
  try {
    writeFileAtomic(path(store), JSON.stringify(answers));
  } catch {
    // A store that is read-only, or a disk that is full.
  }
}
