import { existsSync } from 'node:fs';
import { type Dependencies, dependencyKinds } from './dependencies.js';
import { infoStatus } from './info-status.js';
import { storePaths } from './paths.js';
import { isFinalStatus, type Status } from './statuses.js';

/** Whether a run may start: now, not yet, or never (and why). */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly on: readonly number[] }
  | { readonly kind: 'unmet'; readonly reason: string };

/**
 * Returns whether a run's dependencies are met. `statusOf` returns the status of a run, or `deleted`.
 * `run.sh` decides the same just before a job's program starts.
 */
export function readiness(after: Dependencies, statusOf: (id: number) => Status | 'deleted'): Readiness {
  const on: number[] = [];
  for (const kind of dependencyKinds) {
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

/** Returns the `readiness` that the runs' `info.yaml` files show. Asks no engine. */
export function recordedReadiness(store: string, after: Dependencies): Readiness {
  return readiness(after, (id) => {
    const run = storePaths.run(store, id);
    const word = existsSync(run) ? infoStatus(run) : 'deleted';
    return word === 'deleted' || (word !== undefined && isFinalStatus(word)) ? word : 'RUNNING';
  });
}
