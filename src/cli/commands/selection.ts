import { fail } from '../../core/failure.js';
import { displayPath } from '../../core/paths.js';
import { nearest } from '../../core/suggest.js';
import { plural } from '../../core/words.js';
import { type Expression, holds, namesIn, parseExpression } from '../../expression/index.js';
import { EngineView, isOfJob, knownStatusWords, requireLaunch, selectRuns, statusNamed } from '../../jobs/index.js';
import { type Run, readRun } from '../../logger/index.js';
import type { RunBrief } from '../../reader/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { canAsk, confirm } from '../output/confirm.js';
import { type ListedRun, listedRun } from './list-columns.js';
import { storeOf } from './store-option.js';
import { warnOfDamage } from './warn-of-damage.js';
import { warnOfTroubles } from './warn-of-troubles.js';

/** What a command does with the runs that are selected. */
export interface Verb {
  readonly command: string;
  /** Which runs it is for, where none are named. */
  readonly applies: (run: RunBrief) => boolean;
}

export interface Selection {
  readonly store: string;
  readonly view: EngineView;
  readonly runs: readonly RunBrief[];
  /** Whether the words or options name them. */
  readonly isNamed: boolean;
}

const filters = ['status', 'launch', 'where', 'engine-job', 'name'];

/** The runs that the words and options of a command mean; all of them where they name none. Throws what `selectRuns` throws. */
export async function namedRuns(parsed: ParsedArgs, io: Io): Promise<Selection> {
  const store = await storeOf(parsed, io);
  const view = new EngineView(store);
  const selected = await selectRuns(store, parsed.positionals, io.cwd, view);
  warnOfTroubles(view, io);
  const asked = keepAsked(selected, parsed, store, io);
  const where = parsed.text('where');
  const runs =
    where === undefined ? asked : keepWhere(view, asked, parseExpression(where), io).map(({ brief }) => brief);
  return { store, view, runs, isNamed: parsed.positionals.length > 0 || filters.some((name) => parsed.has(name)) };
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
export function keepAsked(briefs: readonly RunBrief[], parsed: ParsedArgs, store: string, io: Io): RunBrief[] {
  const statusText = parsed.text('status');
  const statuses = statusText === undefined ? undefined : new Set(statusText.split(',').map(requireStatus));
  const launchText = parsed.text('launch');
  const ids = briefs.map(({ id }) => id);
  const launch =
    launchText === undefined ? undefined : requireLaunch(store, launchText, displayPath(store, io.cwd), ids);
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
      (!asksRuns || isMeant(readRun(store, brief.id))),
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

/** A run for which an expression holds. */
interface Kept {
  readonly brief: RunBrief;
  readonly listed: ListedRun;
}

/** The whole runs for which the expression holds. Throws `unknown-column` for a name that no run has. */
export function keepWhere(
  { store, answers }: EngineView,
  briefs: readonly RunBrief[],
  expression: Expression,
  io: Io,
): Kept[] {
  const rows = briefs.flatMap((brief) => {
    const run = readRun(store, brief.id, answers);
    const listed = run && listedRun(run);
    const row = listed?.row();
    return listed && row ? [{ brief, listed, row }] : [];
  });
  for (const { row } of rows) warnOfDamage(row.problem, io);
  for (const { name, span } of namesIn(expression)) {
    if (rows.length === 0 || rows.some(({ row }) => row.columns.has(name))) continue;
    const known = new Set(rows.flatMap(({ row }) => [...row.columns.keys()]));
    fail({ reason: 'unknown-column', span, column: name, near: nearest(name, known) });
  }
  return rows.filter(({ row }) => holds(expression, row.lookup));
}
