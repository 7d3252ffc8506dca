import once from 'lodash/once.js';
import { isGiven } from '../../arguments/index.js';
import { displayPath } from '../../core/paths.js';
import { nearest } from '../../core/suggest.js';
import { plural } from '../../core/words.js';
import { parseExpression } from '../../expression/index.js';
import { fail } from '../../failures/index.js';
import { type KnownRuns, type RunBrief, readResults, resolveExpression } from '../../results/index.js';
import {
  allRuns,
  filterRuns,
  knownStatusWords,
  meantBy,
  type RunFilter,
  requireLaunch,
  selectAmong,
  statusNamed,
} from '../../runs/index.js';
import type { Settings } from '../../settings/index.js';
import { type CompleteRun, matchesJob } from '../../store/index.js';
import { EngineAsker } from '../../tracking/index.js';
import type { Io } from '../grammar/command.js';
import type { SelectionOptions } from '../options/selection.js';
import type { StoreOptions } from '../options/store.js';
import { canAsk, confirm } from '../output/confirm.js';
import { noteTwoMeanings, warnOfPrivateRuns, warnOfProblems } from './result-notes.js';
import { settingsOf } from './store.js';
import { warnOfTroubles } from './warn-of-troubles.js';

/** The words and options that name the runs of a command. */
export interface NamedRuns {
  /** Words such as `5`, `12-40`, `@last`, `failed`. */
  readonly positionals: readonly string[];
  readonly options: SelectionOptions & StoreOptions & { readonly dryRun?: boolean };
}

/** What a command does with the selected runs. */
interface Verb {
  readonly command: string;
  /** True for the runs that the command is for if none are named. */
  readonly applies: (run: RunBrief) => boolean;
  /** True if `--yes` alone is not enough to do it to all of them, since nothing brings them back. */
  readonly isFinal?: true;
}

/** The runs that a command is for. */
interface Selection {
  readonly store: string;
  readonly settings: Settings;
  readonly view: EngineAsker;
  /** All runs of the store. */
  readonly all: readonly RunBrief[];
  readonly runs: readonly RunBrief[];
  /** True if words or options name the runs. */
  readonly isNamed: boolean;
  /**
   * Returns the results of the selected runs. Names that none of them has are looked up in the store's other
   * runs. The results are read at the first call.
   */
  readonly known: () => KnownRuns;
}

/**
 * Returns the runs that the words and options of a command name, or all runs if they name none. Warns about
 * engines that do not answer and metrics that can't be read. Throws what `selectAmong` and
 * `resolveExpression` throw.
 */
export async function namedRuns({ positionals, options }: NamedRuns, io: Io): Promise<Selection> {
  const settings = await settingsOf(options, io.cwd);
  const store = settings.logger.parent_log_dir;
  const { where } = options;
  const expression = where === undefined ? undefined : parseExpression(where);
  const view = new EngineAsker(store, { saves: !options.dryRun });
  const { status, launch, engineJob, name, local } = options;
  const byWords = meantBy([...positionals], store);
  const ofLaunch = launch === undefined ? undefined : meantBy([`@${launch.replace(/^@/, '')}`], store);
  const isMeant = (run: CompleteRun) =>
    byWords(run) &&
    (ofLaunch === undefined || ofLaunch(run)) &&
    (engineJob === undefined || matchesJob(run, engineJob)) &&
    (name === undefined || run.job?.name === name) &&
    !local;
  const all = await allRuns(store, io.cwd, view, isMeant);
  const selected = selectAmong(all, positionals, store, io.cwd);
  warnOfTroubles(view, io);
  const asked = filterRuns(selected, filterOf(options, { store, cwd: io.cwd, briefs: selected }), (id) =>
    view.read(id),
  );
  warnOfPrivateRuns(asked, io);
  const resultsOf = (briefs: readonly RunBrief[]) => readResults(store, briefs, (id) => view.read(id));
  const others = once(() => {
    const ids = new Set(asked.map(({ id }) => id));
    return resultsOf(all.filter(({ id }) => !ids.has(id))).results;
  });
  const knownOfAsked = once(() => ({ ...resultsOf(asked), others }));
  const isNamed = positionals.length > 0 || [status, launch, where, engineJob, name].some(isGiven);
  const selection = { store, settings, view, all, isNamed };
  if (!expression) return { ...selection, runs: asked, known: knownOfAsked };
  const known = knownOfAsked();
  const { columns, keep } = resolveExpression(known, expression);
  noteTwoMeanings(columns, io);
  const kept = known.results.filter(keep);
  warnOfProblems(known.results, columns, io);
  const ids = new Set(kept.map(({ id }) => id));
  return { ...selection, runs: asked.filter(({ id }) => ids.has(id)), known: () => ({ ...known, results: kept }) };
}

/**
 * Returns the runs for a command that changes something. If none are named, the command is for all runs that
 * it applies to: after a question on a terminal, with `--all` or `--yes` elsewhere, and for a dry run.
 * Returns undefined if the answer is no. Throws `selection-missing`, and what `namedRuns` throws.
 */
export async function selectFor(
  { command, applies, isFinal }: Verb,
  named: NamedRuns & { readonly options: { readonly all: boolean; readonly dryRun: boolean } },
  io: Io,
): Promise<Selection | undefined> {
  const selection = await namedRuns(named, io);
  if (selection.isNamed) return selection;
  const meant = { ...selection, runs: selection.runs.filter(applies) };
  const count = meant.runs.length;
  if (named.options.all || named.options.dryRun || count === 0) return meant;
  if (!canAsk(io) && (isFinal || !io.answersYes)) fail({ reason: 'selection-missing', command, count });
  return (await confirm(`${command} ${plural(count, 'run')}?`, io)) ? meant : undefined;
}

/**
 * Reads `--status`, `--launch`, `--engine-job`, `--name` and `--local`. Throws `bad-option-value` or
 * `no-launch`.
 */
function filterOf(
  { status, launch, engineJob, name, local }: SelectionOptions,
  { store, cwd, briefs }: { readonly store: string; readonly cwd: string; readonly briefs: readonly RunBrief[] },
): RunFilter {
  const statuses = status === undefined ? undefined : new Set(status.split(',').map(requireStatus));
  const ids = briefs.map(({ id }) => id);
  return {
    statuses,
    launch: launch === undefined ? undefined : requireLaunch(store, launch, displayPath(store, cwd), ids),
    job: engineJob,
    name,
    local,
  };
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

/**
 * Returns the only positional of a command about one run. Throws `missing-argument` or `unexpected-argument`.
 */
export function oneRunWord([id, extra]: readonly string[], command: string): string {
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command });
  return extra === undefined ? id : fail({ reason: 'unexpected-argument', argument: extra, command });
}
