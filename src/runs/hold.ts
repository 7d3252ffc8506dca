import groupBy from 'lodash/groupBy.js';
import partition from 'lodash/partition.js';
import { isOwnEngine, loadEngine, tellEngine } from '../engines/index.js';
import { type CompleteRun, currentJobId, type Status, writeJob } from '../store/index.js';
import { EngineAsker, runsNow } from '../tracking/index.js';
import { hasLeftEngine, whyNotTold } from './job-at-hand.js';
import { otherRunsOfJob } from './stop.js';

/** The outcome of holding or releasing, by run. */
interface Held {
  readonly done: readonly number[];
  /** Runs whose status does not allow it, such as ended or running ones. */
  readonly passed: readonly number[];
  readonly failed: readonly { readonly ids: readonly number[]; readonly why: string }[];
}

const appliesTo: Readonly<Record<'hold' | 'release', Status>> = { hold: 'QUEUED', release: 'HELD' };

/** Whether a run with this status can be held, or released. */
export const canHoldOrRelease = (what: 'hold' | 'release', status: string): boolean => status === appliesTo[what];

/**
 * Holds waiting runs, or releases held ones. Each engine gets one command for all of its jobs. A run that
 * shares its job with other runs can only be held together with them.
 */
export async function holdRuns(store: string, ids: readonly number[], what: 'hold' | 'release'): Promise<Held> {
  const view = new EngineAsker(store);
  const runs = await runsNow(store, ids, view);
  const [meant, passed] = partition(runs, ({ status }) => canHoldOrRelease(what, status.status));
  const done: number[] = [];
  const failed: { ids: number[]; why: string }[] = [];
  for (const [name, itsRuns] of Object.entries(groupBy(meant, ({ job }) => job?.engine ?? 'here'))) {
    const told =
      name === 'local'
        ? tellQueue(itsRuns, what)
        : isOwnEngine(name)
          ? { failed: [{ ids: itsRuns.map(({ id }) => id), why: 'it is a process on this machine, and no job' }] }
          : await tellJobs(name, itsRuns, what, view);
    failed.push(...told.failed);
    const not = new Set(told.failed.flatMap((one) => one.ids));
    done.push(...itsRuns.map(({ id }) => id).filter((id) => !not.has(id)));
  }
  return { done, passed: passed.map(({ id }) => id), failed };
}

/** Marks runs in the local queue; its workers skip held ones. */
function tellQueue(runs: readonly CompleteRun[], what: 'hold' | 'release'): { failed: [] } {
  for (const { directory, job } of runs) {
    if (job?.queued) writeJob(directory, { ...job, queued: { ...job.queued, held: what === 'hold' } });
  }
  return { failed: [] };
}

async function tellJobs(
  name: string,
  runs: readonly CompleteRun[],
  what: 'hold' | 'release',
  view: EngineAsker,
): Promise<{ failed: { ids: number[]; why: string }[] }> {
  const engine = await loadEngine(name);
  const failed: { ids: number[]; why: string }[] = [];
  const told: CompleteRun[] = [];
  for (const [jobId, itsRuns] of Object.entries(groupBy(runs, (run) => currentJobId(run) ?? ''))) {
    const ids = itsRuns.map(({ id }) => id);
    const [other] = otherRunsOfJob(view.store, itsRuns, jobId);
    const [why] = itsRuns.flatMap((run) => whyNotTold(run, view, engine) ?? []);
    if (jobId === '') failed.push({ ids, why: 'it is not known to be submitted' });
    else if (why !== undefined) failed.push({ ids, why });
    else if (itsRuns.some(hasLeftEngine))
      failed.push({ ids, why: `${engine.title} does not know its job ${jobId} now` });
    else if (other !== undefined)
      failed.push({ ids, why: `its job ${jobId} is that of run ${other}, too: ${what} that as well` });
    else told.push(...itsRuns);
  }
  if (told.length === 0) return { failed };
  const idsOf = (some: readonly CompleteRun[]) => [...new Set(some.flatMap((run) => currentJobId(run) ?? []))];
  const aside = what === 'release' && engine.clear ? idsOf(told.filter((run) => run.engine?.stuck)) : [];
  const cleared = aside.length === 0 ? undefined : await tellEngine(engine, 'clear', aside);
  const words = cleared ?? (await tellEngine(engine, what, idsOf(told)));
  return words === undefined
    ? { failed }
    : { failed: [...failed, { ids: told.map(({ id }) => id), why: `${engine.title}: ${words}` }] };
}
