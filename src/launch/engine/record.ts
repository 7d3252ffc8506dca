import mapValues from 'lodash/mapValues.js';
import * as v from 'valibot';
import { loadEngine, type SubmitWords } from '../../engines/index.js';
import { noResources } from '../../resources/index.js';
import type { EngineTarget, Waiting } from '../target.js';

/** What a launch's record has of runs that become jobs of an engine. */
export const engineRecord = v.object({
  resources: v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  options: v.array(v.string()),
  array: v.picklist(['auto', 'always', 'never']),
  max_running: v.nullable(v.number()),
  pack: v.number(),
  max_queued: v.nullable(v.number()),
  on_submit_error: v.picklist(['stop', 'continue']),
  /** Absent in old records, and for the default cluster. */
  cluster: v.optional(v.string()),
  /**
   * The words of the user's own submission: with its array, for one job alone, and the distance of its tasks.
   */
  submit: v.nullish(v.object({ words: v.array(v.string()), single: v.array(v.string()), step: v.number() }), null),
});

/** Returns the record of a target. */
export function recordOfEngine(target: EngineTarget): v.InferOutput<typeof engineRecord> {
  const { submit } = target;
  return {
    resources: mapValues(target.resources, (value) => value ?? null),
    options: [...target.options],
    array: target.array,
    max_running: target.maxRunning ?? null,
    pack: target.pack,
    max_queued: target.maxQueued ?? null,
    on_submit_error: target.onSubmitError,
    ...(target.cluster !== undefined && { cluster: target.cluster }),
    submit: submit ? { ...submit, words: [...submit.words], single: [...submit.single] } : null,
  };
}

/** Returns the target of a record. Throws `unknown-engine` or `bad-engine-module`. */
export async function engineOfRecord(
  engineName: string,
  record: v.InferOutput<typeof engineRecord>,
  waiting: Waiting,
): Promise<EngineTarget> {
  const { submit } = record;
  return {
    kind: 'engine',
    engineName,
    engine: await loadEngine(engineName),
    resources: { ...noResources, ...mapValues(record.resources, (value) => value ?? undefined) },
    options: record.options,
    array: record.array,
    maxRunning: record.max_running ?? undefined,
    pack: record.pack,
    maxQueued: record.max_queued ?? undefined,
    onSubmitError: record.on_submit_error,
    cluster: record.cluster,
    submit: submit ? { ...submit, words: wordsOf(submit.words), single: wordsOf(submit.single) } : undefined,
    ...waiting,
  };
}

const wordsOf = ([command = '', ...options]: readonly string[]): SubmitWords => [command, ...options];
