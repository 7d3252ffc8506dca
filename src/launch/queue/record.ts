import pick from 'lodash/pick.js';
import * as v from 'valibot';
import type { QueueTarget, Waiting } from '../target.js';

/** What a launch's record has of runs in the local queue. */
export const queueRecord = v.object({
  name: v.nullable(v.string()),
  priority: v.number(),
  slots: v.number(),
  gpus: v.number(),
  limit: v.nullable(v.number()),
  shown: v.boolean(),
  mem: v.nullish(v.number(), null),
  signal: v.nullish(v.string(), null),
  signal_to: v.nullish(v.literal('program'), null),
  continue_on_timeout: v.nullish(v.union([v.boolean(), v.number()]), null),
  retries: v.nullish(v.number(), null),
  retry_on: v.nullish(v.string(), null),
});

/** Returns the record of a target. */
export function recordOfQueue(target: QueueTarget): v.InferOutput<typeof queueRecord> {
  return {
    ...pick(target, ['priority', 'slots', 'gpus', 'shown']),
    name: target.name ?? null,
    limit: target.limit ?? null,
    mem: target.mem ?? null,
    signal: target.signal ?? null,
    signal_to: target.signalTo ?? null,
    continue_on_timeout: target.continues ?? null,
    retries: target.retries ?? null,
    retry_on: target.retryOn ?? null,
  };
}

/** Returns the target of a record. */
export function queueOfRecord(record: v.InferOutput<typeof queueRecord>, waiting: Waiting): QueueTarget {
  return {
    kind: 'queue',
    ...pick(record, ['priority', 'slots', 'gpus', 'shown']),
    name: record.name ?? undefined,
    limit: record.limit ?? undefined,
    mem: record.mem ?? undefined,
    signal: record.signal ?? undefined,
    signalTo: record.signal_to ?? undefined,
    continues: record.continue_on_timeout ?? undefined,
    retries: record.retries ?? undefined,
    retryOn: record.retry_on ?? undefined,
    ...waiting,
  };
}
