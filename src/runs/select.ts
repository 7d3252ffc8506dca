import { existsSync } from 'node:fs';
import { displayPath } from '../core/paths.js';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import { type RunBrief, readBriefs } from '../results/index.js';
import { type CompleteRun, listLaunches, listRunIds, matchesJob, readRun, storePaths } from '../store/index.js';
import { EngineAsker } from '../tracking/index.js';

const statusWords: Readonly<Record<string, RunBrief['status']>> = {
  complete: 'COMPLETE',
  failed: 'FAILED',
  timeout: 'TIMEOUT',
  preempted: 'PREEMPTED',
  stopped: 'STOPPED',
  starting: 'STARTING',
  running: 'RUNNING',
  queued: 'QUEUED',
  held: 'HELD',
  lost: 'LOST',
  incomplete: 'incomplete',
  damaged: 'damaged',
} satisfies Record<Lowercase<Exclude<RunBrief['status'], 'unreadable'>>, RunBrief['status']>;

/** The words for statuses, as they are typed. */
export const knownStatusWords: readonly string[] = Object.keys(statusWords);

/** The status that a word names, in upper or lower case; undefined for any other word. */
export function statusNamed(word: string): RunBrief['status'] | undefined {
  const lower = word.toLowerCase();
  return Object.hasOwn(statusWords, lower) ? statusWords[lower] : undefined;
}

/** Returns whether a run has a status that was named. A run that may not be read counts as damaged. */
export const hasStatus = (run: Pick<RunBrief, 'status'>, named: RunBrief['status']): boolean =>
  run.status === named || (named === 'damaged' && run.status === 'unreadable');

/**
 * The runs that any of the words selects, by ascending id; all runs without words. A word is an id, a range
 * `12-40`, `@last`, `@LAUNCH`, a status, or a list of these: `1,2,5-8`, `running,queued`. Throws `no-store`,
 * `no-such-run` or `bad-selection`.
 */
export async function selectRuns(
  store: string,
  words: readonly string[],
  cwd: string,
  view = new EngineAsker(store),
): Promise<RunBrief[]> {
  return selectAmong(await allRuns(store, cwd, view, meantBy(words, store)), words, store, cwd);
}

/**
 * All runs of a store, by ascending id. Engines are asked about those that are meant; others are as their
 * records have them. Throws `no-store` if the directory is missing.
 */
export async function allRuns(
  store: string,
  cwd: string,
  view: EngineAsker,
  isMeant: (run: CompleteRun) => boolean = () => true,
): Promise<RunBrief[]> {
  const briefs = await readBriefs(
    store,
    (runs) => view.ask(runs.filter(isMeant)),
    (run) => view.remember(run),
  );
  return briefs ?? fail({ reason: 'no-store', path: displayPath(store, cwd) });
}

/**
 * Returns whether the words of a selection may mean a run. A status means any run, since only its engine can
 * tell which have it. Words that make no sense mean none; `selectAmong` refuses them.
 */
export function meantBy(words: readonly string[], store: string): (run: CompleteRun) => boolean {
  if (words.length === 0 || words.some((word) => statusNamed(word) !== undefined)) return () => true;
  const launches = new Set(namedLaunches(words, store));
  const ranges = words.flatMap((word) => [...word.matchAll(/(?:^|,)(\d+)(?:-(\d+))?(?=,|$)/g)]);
  return ({ id, job }) =>
    launches.has(job?.launch ?? '') ||
    ranges.some(([, first, last]) => id >= Number(first) && id <= Number(last ?? first));
}

/**
 * Those of a store's runs that any of the words selects; `all` of them without words. Throws `no-store` for a
 * store without runs, `no-such-run` or `bad-selection`.
 */
export function selectAmong(
  all: readonly RunBrief[],
  words: readonly string[],
  store: string,
  cwd: string,
): RunBrief[] {
  const name = displayPath(store, cwd);
  if (all.length === 0 && words.length === 0) fail({ reason: 'no-store', path: name });
  const runs = { store, name, ids: all.map(({ id }) => id) };
  const wanted = words.map((word) => selection(word, runs));
  return wanted.length === 0 ? [...all] : all.filter((brief) => wanted.some((keep) => keep(brief)));
}

/**
 * The run with this id, or the last one of the last launch for `@last`. Throws `no-store`, `no-such-run`,
 * `bad-selection`, `incomplete-run` or `broken-record`.
 */
export function requireRun(store: string, word: string, cwd: string): CompleteRun {
  if (!/^\d+$/.test(word) && word !== '@last') fail({ reason: 'bad-selection', selection: word, near: undefined });
  const name = displayPath(store, cwd);
  const ids = listRunIds(store);
  if (!ids) return fail({ reason: 'no-store', path: name });
  const run = word === '@last' ? lastOfLaunch(store, ids) : readRun(store, Number(word));
  if (!run) return noSuchRun(word, { store, name, ids });
  switch (run.kind) {
    case 'run':
      return run;
    case 'incomplete':
      return fail({ reason: 'incomplete-run', id: run.id, path: displayPath(run.directory, cwd) });
    case 'damaged':
      return fail({ reason: 'broken-record', path: displayPath(run.path, cwd), problem: run.problem });
  }
}

/** `requireRun`, with the engine's current answer. */
export async function requireRunNow(
  store: string,
  word: string,
  cwd: string,
  view = new EngineAsker(store),
): Promise<CompleteRun> {
  const run = requireRun(store, word, cwd);
  const [now = run] = await view.ask([run]);
  return now;
}

function lastOfLaunch(store: string, ids: readonly number[]): ReturnType<typeof readRun> {
  const launch = listLaunches(store).at(-1)?.launch;
  for (const id of ids.toReversed()) {
    const run = readRun(store, id);
    if (run?.kind === 'run' && run.job?.launch === launch) return run;
  }
  return undefined;
}

/**
 * The runs that the word of a dependency selects: `12`, `3-5,7`, `@last`, `@LAUNCH`, a name of jobs, or an
 * engine's job id (if no run has that number). Throws `no-store`, `no-such-run` or `bad-selection`.
 */
export function dependencyRuns(store: string, word: string, cwd: string): number[] {
  const name = displayPath(store, cwd);
  const ids = listRunIds(store);
  if (!ids) return fail({ reason: 'no-store', path: name });
  const runs = { store, name, ids };
  if (word.startsWith('@')) {
    const launch = requireLaunch(store, word, name, ids);
    return runsWith(runs, (run) => run.job?.launch === launch) ?? noSuchRun(word, runs);
  }
  if (/^\d+$/.test(word) && !ids.includes(Number(word))) {
    return runsWith(runs, (run) => matchesJob(run, word)) ?? noSuchRun(word, runs);
  }
  if (/^[\d,-]+$/.test(word)) return word.split(',').flatMap((part) => range(part, word, runs));
  return runsWith(runs, (run) => run.job?.name === word) ?? noSuchRun(word, runs);
}

function runsWith({ store, ids }: StoreRuns, keep: (run: CompleteRun) => boolean): number[] | undefined {
  const found = ids.filter((id) => {
    const run = readRun(store, id);
    return run?.kind === 'run' && keep(run);
  });
  return found.length === 0 ? undefined : found;
}

interface StoreRuns {
  readonly store: string;
  readonly name: string;
  readonly ids: readonly number[];
}

type Keep = (run: RunBrief) => boolean;

function selection(word: string, runs: StoreRuns): Keep {
  const parts = word.split(',').map((part) => partSelection(part, word, runs));
  return (run) => parts.some((keep) => keep(run));
}

/** One part of a list: a status, a launch, an id or a range. */
function partSelection(part: string, word: string, runs: StoreRuns): Keep {
  const status = statusNamed(part);
  if (status) return (run) => hasStatus(run, status);
  if (part.startsWith('@')) {
    const launch = requireLaunch(runs.store, part, runs.name, runs.ids);
    return (run) => run.launch === launch;
  }
  const ids = new Set(range(part, word, runs));
  return (run) => ids.has(run.id);
}

/** The launches that words of a selection name: `@last`, `@LAUNCH`. */
export const namedLaunches = (words: readonly string[], store: string): string[] =>
  words.flatMap((word) => (word.startsWith('@') ? (launchNamed(store, word) ?? []) : []));

const launchNamed = (store: string, word: string): string | undefined =>
  word === '@last' ? listLaunches(store).at(-1)?.launch : word.replace(/^@/, '');

/** The launch that `@last`, `@LAUNCH` or `LAUNCH` names. Throws `no-such-run`. */
export function requireLaunch(store: string, word: string, name: string, ids: readonly number[]): string {
  const launch = launchNamed(store, word);
  if (launch === undefined || !/^\w+$/.test(launch) || !existsSync(storePaths.launch(store, launch))) {
    return noSuchRun(word, { store, name, ids });
  }
  return launch;
}

function range(part: string, word: string, runs: StoreRuns): number[] {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
  if (first === undefined || Number(last ?? first) < Number(first)) {
    return fail({ reason: 'bad-selection', selection: word, near: nearest(part, knownStatusWords) });
  }
  const found = runs.ids.filter((id) => id >= Number(first) && id <= Number(last ?? first));
  if (found.length === 0) noSuchRun(part, runs);
  return found;
}

function noSuchRun(selection: string, { store, name, ids }: StoreRuns): never {
  const deleted = /^\d+$/.test(selection) && existsSync(storePaths.deleted(store, Number(selection)));
  return fail({ reason: 'no-such-run', selection, store: name, last: ids.at(-1) ?? 0, deleted });
}
