import { existsSync } from 'node:fs';
import { parseRanges, rangesText } from '../core/consecutive.js';
import { infoStatus } from './info-status.js';
import { storePaths } from './paths.js';
import { isFinalStatus, type Status } from './status.js';

/** The runs that a run waits for: those that must have ended well, those that must have ended, those that must have ended badly. */
export interface Dependencies {
  readonly ok: readonly number[];
  readonly any: readonly number[];
  readonly fail: readonly number[];
}

export const noDependencies: Dependencies = { ok: [], any: [], fail: [] };

const kinds = ['ok', 'any', 'fail'] as const;

/** All runs that are waited for. */
export function dependencyIds({ ok, any, fail }: Dependencies): number[] {
  return [...ok, ...any, ...fail];
}

/** The fields of a `job.yaml` that tell what its run waits for, as stretches: `after_ok: 1-400,405`; none where it does not wait. */
export function dependencyFields(after: Dependencies | undefined): Record<string, string> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const ids = after?.[kind] ?? [];
      return ids.length === 0 ? [] : [[`after_${kind}`, rangesText(ids)]];
    }),
  );
}

/** What such fields tell; undefined where the run does not wait. */
export function readDependencies(fields: ReadonlyMap<string, string>): Dependencies | undefined {
  const idsOf = (kind: string) => parseRanges(fields.get(`after_${kind}`) ?? '');
  const after = { ok: idsOf('ok'), any: idsOf('any'), fail: idsOf('fail') };
  return dependencyIds(after).length === 0 ? undefined : after;
}

/** Whether a run may start: now, not yet, or never, and then why. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly on: readonly number[] }
  | { readonly kind: 'unmet'; readonly reason: string };

/**
 * Whether what a run waits for has come about, by the statuses of those runs; `deleted` for one that is no more. `run.sh` decides the same
 * just before a job's program starts.
 */
export function readiness(after: Dependencies, statusOf: (id: number) => Status | 'deleted'): Readiness {
  const on: number[] = [];
  for (const kind of kinds) {
    for (const id of after[kind]) {
      const status = statusOf(id);
      if (status === 'deleted') {
        if (kind !== 'any') return { kind: 'unmet', reason: `dependency ${id} was deleted` };
      } else if (!isFinalStatus(status)) on.push(id);
      else if (kind === 'ok' && status !== 'COMPLETE') {
        return { kind: 'unmet', reason: `dependency ${id} ${status === 'FAILED' ? 'failed' : `ended as ${status}`}` };
      } else if (kind === 'fail' && status === 'COMPLETE') {
        return { kind: 'unmet', reason: `dependency ${id} did not fail` };
      }
    }
  }
  return on.length === 0 ? { kind: 'ready' } : { kind: 'waiting', on };
}

/** `readiness` by what the records of the runs say, without asking anybody. */
export function recordedReadiness(store: string, after: Dependencies): Readiness {
  return readiness(after, (id) => {
    const run = storePaths.run(store, id);
    const word = existsSync(run) ? infoStatus(run) : 'deleted';
    return word === 'deleted' || (word !== undefined && isFinalStatus(word)) ? word : 'RUNNING';
  });
}
