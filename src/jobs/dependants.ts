import { type CompleteRun, dependencyIds, listRunIds, noDependencies, readRun } from '../logger/index.js';

/** The runs that did not start because of one of these, or of one of those in turn; they are to follow when these are submitted again. */
export function dependantsOf(store: string, ids: readonly number[]): CompleteRun[] {
  const meant = new Set(ids);
  const first = Math.min(...ids);
  // A run waits for such with lower ids.
  return (listRunIds(store) ?? []).flatMap((id) => {
    const run = id > first && !meant.has(id) ? readRun(store, id) : undefined;
    if (run?.kind !== 'run' || run.status.status !== 'FAILED') return [];
    const [, waited] = /^dependency (\d+) /.exec(run.status.reason ?? '') ?? [];
    if (waited === undefined) return [];
    if (!meant.has(Number(waited)) && !dependencyIds(run.job?.after ?? noDependencies).some((one) => meant.has(one)))
      return [];
    meant.add(id);
    return [run];
  });
}
