import once from 'lodash/once.js';
import { displayPath } from '../../core/paths.js';
import { nearest } from '../../core/suggest.js';
import { plural } from '../../core/words.js';
import { parseExpression } from '../../expression/index.js';
import { fail } from '../../failures/index.js';
import { type KnownRuns, type RunBrief, readResults, resolveExpression } from '../../results/index.js';
import {
  allRuns,
  EngineAsker,
  isOfJob,
  knownStatusWords,
  requireLaunch,
  selectAmong,
  statusNamed,
} from '../../runs/index.js';
import type { Settings } from '../../settings/index.js';
import type { Run } from '../../store/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { settingsOf } from '../options/store-option.js';
import { canAsk, confirm } from '../output/confirm.js';
import { tellProblems, tellTwoMeanings } from './tell-results.js';
import { warnOfTroubles } from './warn-of-troubles.js';

/** What a command does with the runs that are selected. */
export interface Verb {
  readonly command: string;
  /** Which runs it is for, where none are named. */
  readonly applies: (run: RunBrief) => boolean;
}

export interface Selection {
  readonly store: string;
  readonly settings: Settings;
  readonly view: EngineAsker;
  /** All runs of the store. */
  readonly all: readonly RunBrief[];
  readonly runs: readonly RunBrief[];
  /** Whether the words or options name them. */
  readonly isNamed: boolean;
  /** What the selected runs have come to, and for names that none of them has the others of the store; read when first asked for. */
  readonly known: () => KnownRuns;
}

const filters = ['status', 'launch', 'where', 'engine-job', 'name'];

/** The runs that the words and options of a command mean; all of them where they name none. Throws what `selectRuns` throws. */
export async function namedRuns(parsed: ParsedArgs, io: Io): Promise<Selection> {
  const settings = await settingsOf(parsed, io);
  const store = settings.logger.parent_log_dir;
  const where = parsed.text('where');
  const expression = where === undefined ? undefined : parseExpression(where);
  const view = new EngineAsker(store);
  const all = await allRuns(store, io.cwd, view);
  const selected = selectAmong(all, parsed.positionals, store, io.cwd);
  warnOfTroubles(view, io);
  const asked = keepAsked(selected, parsed, view, io);
  const resultsOf = (briefs: readonly RunBrief[]) => readResults(store, briefs, (id) => view.read(id));
  const others = once(() => {
    const ids = new Set(asked.map(({ id }) => id));
    return resultsOf(all.filter(({ id }) => !ids.has(id))).results;
  });
  const knownOfAsked = once(() => ({ ...resultsOf(asked), others }));
  const isNamed = parsed.positionals.length > 0 || filters.some((name) => parsed.has(name));
  const selection = { store, settings, view, all, isNamed };
  if (!expression) return { ...selection, runs: asked, known: knownOfAsked };
  const known = knownOfAsked();
  const { columns, keep } = resolveExpression(known, expression);
  tellTwoMeanings(columns, io);
  const kept = known.results.filter(keep);
  tellProblems(known.results, columns, io);
  const ids = new Set(kept.map(({ id }) => id));
  return { ...selection, runs: asked.filter(({ id }) => ids.has(id)), known: () => ({ ...known, results: kept }) };
}

/**
 * The runs for a command that changes something. Where none are named, it is meant for all that it applies to: after a question on a
 * terminal, with `--all` elsewhere. Undefined where that was answered with no. Throws `selection-missing`, and what `namedRuns` throws.
 */
export async function selectFor(
  { command, applies }: Verb,
  parsed: ParsedArgs,
  io: Io,
): Promise<Selection | undefined> {
  const named = await namedRuns(parsed, io);
  if (named.isNamed) return named;
  const meant = { ...named, runs: named.runs.filter(applies) };
  const count = meant.runs.length;
  if (parsed.has('all') || count === 0) return meant;
  if (!canAsk(io)) fail({ reason: 'selection-missing', command, count });
  return (await confirm(`${command} ${plural(count, 'run')}?`, io)) ? meant : undefined;
}

/** What `--status`, `--launch`, `--engine-job` and `--name` leave of the runs. */
function keepAsked(briefs: readonly RunBrief[], parsed: ParsedArgs, view: EngineAsker, io: Io): RunBrief[] {
  const statusText = parsed.text('status');
  const statuses = statusText === undefined ? undefined : new Set(statusText.split(',').map(requireStatus));
  const launchText = parsed.text('launch');
  const ids = briefs.map(({ id }) => id);
  const launch =
    launchText === undefined ? undefined : requireLaunch(view.store, launchText, displayPath(view.store, io.cwd), ids);
  const job = parsed.text('engine-job');
  const name = parsed.text('name');
  const local = parsed.has('local');
  const asksRuns = job !== undefined || name !== undefined || local;
  const isMeant = (run: Run | undefined) =>
    run?.kind === 'run' &&
    (!local || run.job?.engine === 'local') &&
    (job === undefined || isOfJob(run, job)) &&
    (name === undefined || run.job?.name === name);
  return briefs.filter(
    (brief) =>
      (!statuses || statuses.has(brief.status)) &&
      (launch === undefined || brief.launch === launch) &&
      (!asksRuns || isMeant(view.read(brief.id))),
  );
}

function requireStatus(word: string): RunBrief['status'] {
  return (
    statusNamed(word.trim()) ??
    fail({
      reason: 'bad-option-value',
      option: '--status',
      value: word,
      expected: knownStatusWords.join(', '),
      near: nearest(word, knownStatusWords),
    })
  );
}
