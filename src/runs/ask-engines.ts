import groupBy from 'lodash/groupBy.js';
import { type AskedEngines, askEngines, currentJobId, loadEngine, readPlaces } from '../engines/index.js';
import { type CompleteRun, type EngineAnswer, readRun, withAnswer } from '../store/index.js';

/** What engines say of a store's runs, for one command: each run is asked about once. */
export class EngineAsker {
  readonly answers = new Map<number, EngineAnswer>();
  readonly troubles: AskedEngines['troubles'][number][] = [];

  constructor(readonly store: string) {}

  /** Asks about those of the runs that only their engine can tell about, and gives all of them as they are now. */
  async ask(runs: readonly CompleteRun[]): Promise<CompleteRun[]> {
    const { answers, troubles } = await askEngines(
      this.store,
      runs.filter(({ id }) => !this.answers.has(id)),
    );
    for (const [id, answer] of answers) this.answers.set(id, answer);
    for (const trouble of troubles) {
      if (!this.troubles.some(({ engine }) => engine === trouble.engine)) this.troubles.push(trouble);
    }
    return runs.map((run) => withAnswer(run, this.answers.get(run.id)));
  }

  /** Asks for the places in their queues of those of the runs that wait, and gives all as they are now. */
  async askQueuePositions(runs: readonly CompleteRun[]): Promise<CompleteRun[]> {
    const waiting = runs.filter(({ engine, job }) => job && engine?.state === 'queued');
    for (const [name, its] of Object.entries(groupBy(waiting, ({ job }) => job?.engine))) {
      const places = await readPlaces(await loadEngine(name), its.map(currentJobId));
      for (const run of its) {
        const place = places.get(currentJobId(run));
        if (place && run.engine) this.answers.set(run.id, { ...run.engine, place });
      }
    }
    return runs.map((run) => withAnswer(run, this.answers.get(run.id)));
  }
}

/** The whole ones of these runs, as they and their engines say they are now. */
export function runsNow(store: string, ids: readonly number[]): Promise<CompleteRun[]> {
  const found = ids.flatMap((id) => {
    const run = readRun(store, id);
    return run?.kind === 'run' ? [run] : [];
  });
  return new EngineAsker(store).ask(found);
}
