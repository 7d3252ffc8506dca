import range from 'lodash/range.js';
import * as v from 'valibot';
import { consecutive } from '../../core/consecutive.js';
import { type Override, parseOverride } from '../../sweep/index.js';
import type { PointsRequest } from '../plan/points.js';

/** What a launch's record has of the points of a command. */
export const pointsEntries = {
  sweep: v.array(v.string()),
  zip: v.optional(v.array(v.array(v.string())), []),
  points: v.nullish(v.array(v.array(v.string())), null),
  where: v.optional(v.array(v.string()), []),
  sample: v.nullish(v.number(), null),
  seed: v.optional(v.number(), 0),
  repeat: v.optional(v.number(), 1),
  only: v.nullish(v.number(), null),
  /** The numbers of points that were left out: single numbers, and first and last of ranges. */
  skipped: v.nullish(v.array(v.union([v.number(), v.tuple([v.number(), v.number()])])), null),
};

type RecordedPoints = v.InferOutput<v.ObjectSchema<typeof pointsEntries, undefined>>;

const wordOf = ({ span }: Override) => span.source.text;

/** Returns the record of a command's points. */
export function recordOfPoints(request: PointsRequest): RecordedPoints {
  const { overrides, rows, zip, where, sample, seed, repeat, only, skipped } = request;
  return {
    sweep: overrides.map(wordOf),
    zip: zip.map((keys) => [...keys]),
    points: rows?.map((row) => row.map(wordOf)) ?? null,
    where: [...where],
    sample: sample ?? null,
    seed,
    repeat: repeat ?? 1,
    only: only ?? null,
    skipped: skipped ? consecutive(skipped).map(([first, last]) => (first === last ? first : [first, last])) : null,
  };
}

/** Returns the points of a record. */
export function recordedPoints(record: RecordedPoints): PointsRequest {
  const { sweep, points, zip, where, sample, seed, repeat, only, skipped } = record;
  const read = (word: string) => parseOverride(word);
  return {
    overrides: sweep.map(read),
    rows: points?.map((row) => row.map(read)),
    zip,
    where,
    sample: sample ?? undefined,
    seed,
    repeat,
    only: only ?? undefined,
    skipped: skipped
      ? new Set(skipped.flatMap((part) => (typeof part === 'number' ? part : span(...part))))
      : undefined,
  };
}

const span = (first: number, last: number) => range(first, last + 1);
