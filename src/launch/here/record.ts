import * as v from 'valibot';
import { signalOf } from '../../resources/index.js';
import type { HereTarget } from '../target.js';

/** What a launch's record has of runs on this machine; other launches record that nothing is limited. */
export const hereEntries = {
  parallel: v.number(),
  walltime: v.nullable(v.number()),
  walltime_reason: v.nullable(v.string()),
  fail_fast: v.boolean(),
  gpus_per_run: v.optional(v.number(), 0),
  /**
   * CPUs and memory (bytes) of each run, its signal before the limit, and whether it continues after the
   * limit.
   */
  per_run: v.nullish(
    v.object({
      cpus: v.nullable(v.number()),
      mem: v.nullable(v.number()),
      signal: v.nullable(v.string()),
      signal_to: v.nullable(v.literal('program')),
      continue_on_timeout: v.nullable(v.union([v.boolean(), v.number()])),
      retries: v.nullish(v.number(), null),
      retry_on: v.nullish(v.string(), null),
    }),
    null,
  ),
};

type HereRecord = v.InferOutput<v.ObjectSchema<typeof hereEntries, undefined>>;

/** Returns the record's entries for a target; of launches that go elsewhere, those of `elsewhere`. */
export function recordOfHere(target: Omit<HereTarget, 'kind' | 'grace'>): HereRecord {
  const { walltime } = target;
  return {
    parallel: target.parallel,
    walltime: walltime?.seconds ?? null,
    walltime_reason: walltime?.reason ?? null,
    fail_fast: target.failFast,
    gpus_per_run: target.gpusPerRun ?? 0,
    per_run: recordOfPerRun(target),
  };
}

/** The entries of a launch whose runs this machine does not carry out. */
export const elsewhere = recordOfHere({ parallel: 1, walltime: undefined, failFast: false });

/** Null if runs have no limits of their own. */
function recordOfPerRun(target: Omit<HereTarget, 'kind' | 'grace'>): HereRecord['per_run'] {
  const { cpusPerRun, memPerRun, walltime, signalTo, continues, retries, retryOn } = target;
  const { warning } = walltime ?? {};
  const entries = {
    cpus: cpusPerRun ?? null,
    mem: memPerRun ?? null,
    signal: warning ? `${warning.signal}@${warning.seconds}` : null,
    signal_to: signalTo ?? null,
    continue_on_timeout: continues ?? null,
    retries: retries ?? null,
    retry_on: retryOn ?? null,
  };
  return Object.values(entries).every((value) => value === null) ? null : entries;
}

/** Returns the target of a record; `grace` is the setting, in seconds. */
export function hereOfRecord(record: HereRecord, grace: number): HereTarget {
  const { per_run: perRun } = record;
  return {
    kind: 'here',
    parallel: record.parallel,
    walltime:
      record.walltime === null
        ? undefined
        : {
            seconds: record.walltime,
            reason: record.walltime_reason ?? 'over its limit',
            warning: signalOf({ signal: perRun?.signal ?? undefined }),
          },
    failFast: record.fail_fast,
    gpusPerRun: record.gpus_per_run,
    cpusPerRun: perRun?.cpus ?? undefined,
    memPerRun: perRun?.mem ?? undefined,
    signalTo: perRun?.signal_to ?? undefined,
    continues: perRun?.continue_on_timeout ?? undefined,
    retries: perRun?.retries ?? undefined,
    retryOn: perRun?.retry_on ?? undefined,
    grace,
  };
}
