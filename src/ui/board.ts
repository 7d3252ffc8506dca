import { statSync } from 'node:fs';
import { join } from 'node:path';
import memoize from 'lodash/memoize.js';
import once from 'lodash/once.js';
import { ifPresent } from '../core/errno.js';
import { plainJson } from '../expression/index.js';
import {
  columnNames,
  earlierAttempt,
  isStep,
  isWhole,
  metricLogNames,
  metricNames,
  only,
  parseColumnName,
  type RunBrief,
  type RunResult,
  RunRow,
  readBriefs,
  readResults,
  resultValue,
  shownReason,
  sweptKeys,
  withMeanings,
  withoutPrefix,
} from '../results/index.js';
import { currentJobId, isFinalStatus, type Run, readRun, runPaths } from '../store/index.js';
import { EngineAsker } from '../tracking/index.js';
import type { Cell, ColumnsAnswer, RunLine, RunsAnswer } from './wire.js';

/** Milliseconds after which the store is read again, and after which engines are asked again. */
const readEvery = 1000;
const askEvery = 10_000;
/** Reading takes at most this share of the time: a store on a file server may be slow to read. */
const shareOfTime = 1 / 20;
const mostPause = 30_000;
/** At most this many columns of each kind are shown unless others are asked for. */
const mostSwept = 8;
const mostMetrics = 6;

interface Entry {
  readonly line: Omit<RunLine, 'cells' | 'earlier'>;
  /** Undefined for an incomplete or damaged run. */
  readonly result: RunResult | undefined;
  /** Changes whenever something about the run changes. */
  readonly signature: string;
  /** The version of the board in which it last changed. */
  readonly changedIn: number;
}

/**
 * All runs of a store as they are now, and in which version each last changed. Files are read again only if
 * they changed.
 */
export class RunsBoard {
  readonly #entries = new Map<number, Entry>();
  readonly #goneIn = new Map<number, number>();
  #version = 0;
  #asker: EngineAsker;
  #askedAt = 0;
  #readAt = 0;
  #pause = readEvery;
  #reading: Promise<void> | undefined;
  #chosen = once((): string[] => []);
  /** The meanings of columns in all runs, until a run changes. */
  #meaningsOf = this.#lookUpOnce();

  constructor(readonly store: string) {
    this.#asker = new EngineAsker(store);
  }

  /**
   * The runs that changed since version `after`; all runs if the columns are not those that the page `has`.
   * Without `wanted` columns, the board chooses them.
   */
  async runs(after: number, has: readonly string[], wanted: readonly string[] | undefined): Promise<RunsAnswer> {
    await this.refresh();
    const columns = wanted ?? this.#chosen();
    const whole = after === 0 || after > this.#version || columns.join('\n') !== has.join('\n');
    const names = this.#meaningsOf(columns.join('\n'));
    const changed = [...this.#entries.values()].filter(({ changedIn }) => whole || changedIn > after);
    const rows = changed.map(({ line, result }): RunLine => {
      const cells = names.map((name) => (result ? (plainJson(resultValue(result, name)) as Cell) : null));
      const earlier = names.map((name) => (result && earlierAttempt(result, name)) ?? null);
      return { ...line, cells, ...(earlier.some((attempt) => attempt !== null) && { earlier }) };
    });
    const gone = whole ? [] : [...this.#goneIn].flatMap(([id, version]) => (version > after ? id : []));
    const troubles = this.#asker.troubles.map(({ engine, words }) => `${engine}: ${words}`);
    return { version: this.#version, whole, columns, rows, gone, troubles };
  }

  /** The results of these runs, or of all, as they were last read. Without incomplete and damaged ones. */
  results(ids?: readonly number[]): RunResult[] {
    const entries = ids ? ids.map((id) => this.#entries.get(id)) : [...this.#entries.values()];
    return entries.flatMap((entry) => entry?.result ?? []);
  }

  /** The line of a run, and the run with its engine's answer. Undefined for an unknown id. */
  one(id: number): { readonly line: Omit<RunLine, 'cells' | 'earlier'>; readonly run: Run | undefined } | undefined {
    const entry = this.#entries.get(id);
    return entry && { line: entry.line, run: readRun(this.store, id, this.#asker.answers) };
  }

  /** The names of all columns. */
  columns(): ColumnsAnswer {
    const results = this.results();
    const names = columnNames(results);
    const config = withoutPrefix(names, 'config.').sort();
    const info = names.filter((name) => name.startsWith('info.')).sort();
    return { swept: sweptKeys(results), metrics: metricNames(results).sort(), config, info };
  }

  /** Reads what has changed, unless it was just read. Concurrent calls share one reading. */
  refresh(): Promise<void> {
    if (Date.now() - this.#readAt < this.#pause) return this.#reading ?? Promise.resolve();
    const begin = Date.now();
    this.#reading ??= this.#read().finally(() => {
      const isFirst = this.#readAt === 0;
      this.#reading = undefined;
      this.#readAt = Date.now();
      // The first reading reads every file: its duration says nothing about later ones.
      const taken = isFirst ? 0 : this.#readAt - begin;
      this.#pause = Math.min(mostPause, Math.max(readEvery, taken / shareOfTime));
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (Date.now() - this.#askedAt > askEvery) {
      this.#asker = new EngineAsker(this.store);
      this.#askedAt = Date.now();
    }
    const asker = this.#asker;
    const briefs = (await readBriefs(this.store, (runs) => asker.ask(runs))) ?? [];
    const version = this.#version + 1;
    const changed = briefs.flatMap((brief) => {
      const signature = this.#signatureOf(brief);
      return this.#entries.get(brief.id)?.signature === signature ? [] : { brief, signature };
    });
    const present = new Set(briefs.map(({ id }) => id));
    const gone = [...this.#entries.keys()].filter((id) => !present.has(id));
    if (changed.length + gone.length === 0) return;
    const runs = new Map(changed.map(({ brief: { id } }) => [id, readRun(this.store, id, asker.answers)]));
    const read = readResults(
      this.store,
      changed.map(({ brief }) => brief),
      (id) => runs.get(id),
    );
    const results = new Map(read.results.map((result) => [result.id, result]));
    for (const { brief, signature } of changed) {
      const line = lineOf(brief, runs.get(brief.id));
      this.#entries.set(brief.id, { line, result: results.get(brief.id), signature, changedIn: version });
      this.#goneIn.delete(brief.id);
    }
    for (const id of gone) {
      this.#entries.delete(id);
      this.#goneIn.set(id, version);
    }
    this.#version = version;
    this.#chosen = once(() => this.#chooseColumns());
    this.#meaningsOf = this.#lookUpOnce();
  }

  /** The signature of a run. For an open run it includes the state of its metrics files. */
  #signatureOf({ id, status, reason, attempt }: RunBrief): string {
    const state = `${status}\n${reason ?? ''}\n${attempt}`;
    if (!isWhole(status) || isFinalStatus(status)) return state;
    const directory = join(this.store, String(id));
    const files = metricLogNames(directory).map((name) => {
      const stat = ifPresent(() => statSync(join(runPaths.metrics(directory), `${name}.json`)));
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    });
    return [state, ...files].join('\n');
  }

  #lookUpOnce() {
    return memoize((columns: string) =>
      withMeanings(only(this.results()), columns.split('\n').filter(Boolean).map(parseColumnName)),
    );
  }

  /** The columns to show unless others are asked for: swept keys, then metrics. */
  #chooseColumns(): string[] {
    const results = this.results();
    const measured = metricNames(results).filter((name) => !isStep(name));
    return [...sweptKeys(results).slice(0, mostSwept), ...measured.slice(0, mostMetrics)];
  }
}

function lineOf(
  { id, status, reason, error, attempt }: RunBrief,
  run: Run | undefined,
): Omit<RunLine, 'cells' | 'earlier'> {
  const whole = run?.kind === 'run' ? run : undefined;
  const { start, seconds } = whole ? new RunRow(whole).times : { start: undefined, seconds: undefined };
  return {
    id,
    status,
    reason: shownReason(reason, error?.text) ?? null,
    failure: status === 'FAILED' ? (shownReason(reason, error?.kind) ?? '') : null,
    start: start?.getTime() ?? null,
    seconds: seconds ?? null,
    job: (whole && currentJobId(whole)) ?? null,
    name: whole?.job?.name ?? null,
    attempt: attempt ?? 0,
  };
}
