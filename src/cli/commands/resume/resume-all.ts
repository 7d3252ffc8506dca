import partition from 'lodash/partition.js';
import { localIso } from '../../../core/clock.js';
import { rangesText } from '../../../core/consecutive.js';
import { isAlive } from '../../../core/process.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { type Failure, MlxError, renderFailure } from '../../../failures/index.js';
import { leftScope } from '../../../launch/index.js';
import type { RunBrief } from '../../../results/index.js';
import { isOpen, type UnfinishedLaunches } from '../../../runs/index.js';
import { queuedIds } from '../../../store/index.js';
import type { EngineAsker } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { followRuns } from '../../launching/follow-submission.js';
import { storeWords } from '../../launching/go-on.js';
import { followChoices, outputOf } from '../../options/output.js';
import { closeLaunch, resumeOne } from './resume-one.js';
import type { ResumeOptions } from './spec.js';
import { type SurveyedLaunch, surveyOf } from './survey-launch.js';

/** A store whose launches are to be finished. */
export interface ResumedStore {
  /** Has asked the engines about its runs. */
  readonly view: EngineAsker;
  /** Its path as it is shown. */
  readonly name: string;
  readonly briefs: readonly RunBrief[];
  readonly found: UnfinishedLaunches;
}

/**
 * Finishes each launch of a store that has something left, and says why it can't finish others. Resolves to
 * the worst exit code.
 */
export async function resumeAll(
  { view, name, briefs, found }: ResumedStore,
  options: ResumeOptions,
  io: Io,
): Promise<number> {
  const { store } = view;
  const output = outputOf(options);
  let worst = 0;
  const failed = (launch: string | undefined, failure: Failure) => {
    const { text, exitCode } = renderFailure(failure);
    worst = Math.max(worst, exitCode);
    io.stderr.write(text);
    const message = text.replace(/^mlx: /, '').trimEnd();
    if (output === 'json')
      io.stdout.write(
        `${jsonText({ event: 'not_resumed', launch: launch ?? null, reason: failure.reason, message })}\n`,
      );
  };
  const surveyed: SurveyedLaunch[] = [];
  for (const launch of found.candidates) {
    await orFailed(launch, failed, async () => {
      surveyed.push(await surveyOf(view, launch, leftScope(store, launch), options));
    });
  }
  const [unfinished, rest] = partition(surveyed, ({ left }) => left > 0);
  for (const one of rest) if (!options.dryRun) await orFailed(one.launch, failed, () => closed(one, options, io));
  // Submissions are soon done; runs on this machine are followed to their ends.
  const [here, submissions] = partition(unfinished, ({ kind }) => kind === 'here');
  const ids: number[] = [];
  let code = 0;
  for (const one of [...submissions, ...here]) {
    await orFailed(one.launch, failed, async () => {
      const resumed = await resumeOne(one, { options, others: [], follows: false }, io);
      code = resumed.code;
      worst = Math.max(worst, code);
      ids.push(...resumed.ids);
    });
    // Interrupted: what comes behind is left for another time.
    if (code > 128) return code;
  }
  for (const { engine, words } of view.troubles)
    failed(undefined, { reason: 'engine-trouble', engine, words, again: 'mlx resume' });
  for (const { launch, owner, changed } of found.unrecorded) {
    const isElsewhere = owner !== undefined && isAlive(owner) === undefined && !options.force;
    failed(
      launch,
      isElsewhere
        ? { reason: 'launch-alive', launch, host: owner.host, pid: owner.pid, seen: false }
        : { reason: 'launch-unrecorded', launch, begun: localIso(new Date(changed)) },
    );
  }
  if (unfinished.length === 0 && worst === 0) {
    for (const {
      launch,
      process: { host, pid },
    } of found.alive)
      failed(launch, { reason: 'launch-alive', launch, host, pid, seen: true });
  }
  if (output !== 'json') {
    const words = await storeWords(store, io);
    if (unfinished.length === 0 && worst === 0) {
      const { hidden } = found;
      io.stderr.write(`${nothingLeft({ store, name, briefs, hidden }, words)}\n`);
    }
    io.stderr.write(notes(rest, unfinished.length > 0 ? found.alive : [], words));
  }
  if (worst === 0 && options.wait && !options.dryRun && ids.length > 0)
    return followRuns(store, ids, followChoices(options), io);
  return worst;
}

/** Does something for a launch; a failure of it is reported, and the other launches go on. */
async function orFailed(
  launch: string,
  failed: (launch: string, failure: Failure) => void,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    failed(launch, error.failure);
  }
}

/** Finishes a launch whose runs have all ended. One with runs that can't be seen from here is only shown. */
async function closed(found: SurveyedLaunch, options: ResumeOptions, io: Io): Promise<void> {
  if (found.kind === 'here' && found.survey.counts.elsewhere > 0) {
    await resumeOne(found, { options, others: [], follows: false }, io);
  } else if (found.scope.missing) await closeLaunch(found, options.force);
}

/**
 * Returns the line of a store in which no launch has anything left that mlx could start. `words` name the
 * store in a command.
 */
function nothingLeft(
  {
    store,
    name,
    briefs,
    hidden,
  }: Pick<ResumedStore, 'name' | 'briefs'> & {
    readonly store: string;
    readonly hidden: number;
  },
  words: string,
): string {
  const queued = new Set(queuedIds(store));
  const [waiting, open] = partition(briefs, ({ id }) => queued.has(id));
  const underWay = open.filter(isOpen).map(({ id }) => id);
  const parts = [
    ...(underWay.length === 0
      ? []
      : [`${plural(underWay.length, 'run')} under way (${rangesText(underWay)}): mlx watch${words} follows`]),
    ...(waiting.length === 0
      ? []
      : [`${plural(waiting.length, 'run')} in the local queue: mlx execute${words} runs what waits`]),
    ...(hidden === 0
      ? []
      : [`${hidden === 1 ? '1 launch' : `${hidden} launches`} can't be looked into: permission denied`]),
  ];
  const where = printableLine(name);
  return parts.length === 0 ? `every launch in ${where} is done` : `nothing to resume in ${where}; ${parts.join('; ')}`;
}

/** Returns what else there is: runs that were stopped on purpose, and launches that others carry out. */
function notes(rest: readonly SurveyedLaunch[], alive: UnfinishedLaunches['alive'], words: string): string {
  const stopped = rest
    .filter(({ survey }) => survey.counts.stopped > 0)
    .map(({ launch, survey }) => {
      const count = survey.counts.stopped;
      return `${plural(count, 'run')} of launch ${launch} ${count === 1 ? 'was' : 'were'} stopped on purpose: mlx resume @${launch}${words} starts ${count === 1 ? 'it' : 'them'} again`;
    });
  const others = alive.map(
    ({ launch, process: { host, pid } }) =>
      `launch ${launch} is being carried out by process ${pid} on ${printableLine(host)}`,
  );
  return [...stopped, ...others].map((line) => `note: ${line}\n`).join('');
}
