import { parseRanges, rangesText } from '../core/consecutive.js';

/** The runs that a run waits for, by id. */
export interface Dependencies {
  /** Must end as COMPLETE. */
  readonly ok: readonly number[];
  /** Must end, well or badly. */
  readonly any: readonly number[];
  /** Must end badly. */
  readonly fail: readonly number[];
}

export const noDependencies: Dependencies = { ok: [], any: [], fail: [] };

export const dependencyKinds = ['ok', 'any', 'fail'] as const;

/** Returns the ids of all runs that are waited for. */
export function dependencyIds({ ok, any, fail }: Dependencies): number[] {
  return [...ok, ...any, ...fail];
}

/**
 * Returns the fields of a `job.yaml` for these dependencies, as ranges: `after_ok: 1-400,405`. Empty kinds
 * have no field.
 */
export function dependencyFields(after: Dependencies | undefined): Record<string, string> {
  return Object.fromEntries(
    dependencyKinds.flatMap((kind) => {
      const ids = after?.[kind] ?? [];
      return ids.length === 0 ? [] : [[`after_${kind}`, rangesText(ids)]];
    }),
  );
}

/** Reads the fields that `dependencyFields` writes. Returns undefined if the run waits for nothing. */
export function readDependencies(fields: ReadonlyMap<string, string>): Dependencies | undefined {
  const idsOf = (kind: string) => parseRanges(fields.get(`after_${kind}`) ?? '');
  const after = { ok: idsOf('ok'), any: idsOf('any'), fail: idsOf('fail') };
  return dependencyIds(after).length === 0 ? undefined : after;
}
