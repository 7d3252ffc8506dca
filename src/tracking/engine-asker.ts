import groupBy from 'lodash/groupBy.js';
import { loadEngine, readQueuePositions } from '../engines/index.js';
import {
  type CompleteRun,
  currentJobId,
  type EngineAnswer,
  jobRefOf,
  type Run,
  readRun,
  withAnswer,
} from '../store/index.js';
import { type AskedEngines, askEngines } from './ask-engines.js';

/** More runs than this are not kept in memory: reading one again takes less than a millisecond. */
const mostRemembered = 10_000;

/**
 * Asks engines about a store's runs, for one command: about each run once. Remembers the answers, and
 * `saves` them in the store unless the command must leave no trace.
 */
export class EngineAsker {
  readonly answers = new Map<number, EngineAnswer>();
  /** The runs that their engines have answered about. */
  readonly asked = new Set<number>();
  /** The engines that did not answer, each once. */
  readonly troubles: AskedEngines['troubles'][number][] = [];
  readonly #remembered = new Map<number, Run>();

  readonly #saves: boolean;

  constructor(
    readonly store: string,
    { saves = true }: { readonly saves?: boolean } = {},
  ) {
    this.#saves = saves;
  }

  /** Asks about those runs that only their engine knows about. Returns all of them, with the answers. */
  async ask(runs: readonly CompleteRun[]): Promise<CompleteRun[]> {
    const { answers, changed, asked, troubles } = await askEngines(
      this.store,
      runs.filter(({ id }) => !this.answers.has(id)),
      { saves: this.#saves },
    );
    for (const [id, run] of changed) if (this.#remembered.has(id)) this.#remembered.set(id, run);
    for (const [id, answer] of answers) this.answers.set(id, answer);
    for (const id of asked) this.asked.add(id);
    for (const trouble of troubles) {
      if (!this.troubles.some(({ engine }) => engine === trouble.engine)) this.troubles.push(trouble);
    }
    return runs.map((run) => withAnswer(changed.get(run.id) ?? run, this.answers.get(run.id)));
  }

  /**
   * Asks for the queue positions of those runs that wait in an engine. Returns all of them, with the answers.
   */
  async askQueuePositions(runs: readonly CompleteRun[]): Promise<CompleteRun[]> {
    const waiting = runs.filter(({ engine, job }) => job && engine?.state === 'queued');
    for (const [name, its] of Object.entries(groupBy(waiting, ({ job }) => job?.engine))) {
      const positions = await readQueuePositions(
        await loadEngine(name),
        its.flatMap((run) => jobRefOf(run) ?? []),
      );
      for (const run of its) {
        const place = positions.get(currentJobId(run) ?? '');
        if (place && run.engine) this.answers.set(run.id, { ...run.engine, queuePosition: place });
      }
    }
    return runs.map((run) => withAnswer(run, this.answers.get(run.id)));
  }

  /** Keeps a run that was just read, so that `read` need not read it again. */
  remember(run: Run): void {
    if (this.#remembered.size < mostRemembered || this.#remembered.has(run.id)) this.#remembered.set(run.id, run);
  }

  /**
   * A run as it was remembered, else as it is now, with its engine's answer. Undefined if it does not exist.
   */
  read(id: number): Run | undefined {
    const run = this.#remembered.get(id) ?? readRun(this.store, id);
    return run?.kind === 'run' ? withAnswer(run, this.answers.get(id)) : run;
  }
}

/**
 * The runs with these ids, with their engines' answers. Incomplete, damaged and missing ones are left out.
 */
export function runsNow(store: string, ids: readonly number[], view = new EngineAsker(store)): Promise<CompleteRun[]> {
  const found = ids.flatMap((id) => {
    const run = readRun(store, id);
    return run?.kind === 'run' ? [run] : [];
  });
  return view.ask(found);
}
