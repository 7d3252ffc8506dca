import type { ParsedArgs } from '../../../arguments/index.js';
import { displayPath } from '../../../core/paths.js';
import { fail, MlxError } from '../../../failures/index.js';
import { wholeScope } from '../../../launch/index.js';
import type { RunBrief } from '../../../results/index.js';
import { allRuns, unfinishedLaunches } from '../../../runs/index.js';
import { listInterruptedLaunches, listLaunches } from '../../../store/index.js';
import { EngineAsker } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { followChoices } from '../../options/output.js';
import { storeOf } from '../../selecting/store.js';
import { resumeAll } from './resume-all.js';
import { resumeOne } from './resume-one.js';
import type { ResumeOptions } from './spec.js';
import { refuseUnrecorded, surveyOf } from './survey-launch.js';

/**
 * `mlx resume [LAUNCH]`: finishes a launch that was interrupted; without a name, each launch that has
 * something left.
 */
export async function run({ positionals, options }: ParsedArgs<ResumeOptions>, io: Io): Promise<number> {
  followChoices(options);
  const store = await storeOf(options, io.cwd);
  const [word, extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'resume' });
  const view = new EngineAsker(store, { saves: !options.dryRun });
  if (word !== undefined) return resumeNamed(view, word, options, io);
  const name = displayPath(store, io.cwd);
  const briefs = await runsOf(store, view, io);
  const found = await unfinishedLaunches(store, briefs);
  if (found.recorded + found.alive.length + found.unrecorded.length === 0) fail({ reason: 'no-launches', store: name });
  return resumeAll({ view, name, briefs, found }, options, io);
}

/** Returns the runs of a store as they are now; [] without a store. */
async function runsOf(store: string, view: EngineAsker, io: Io): Promise<readonly RunBrief[]> {
  try {
    return await allRuns(store, io.cwd, view);
  } catch (error) {
    if (error instanceof MlxError && error.failure.reason === 'no-store') return [];
    throw error;
  }
}

/** Finishes the launch that a word names, whatever is missing of it. */
async function resumeNamed(view: EngineAsker, word: string, options: ResumeOptions, io: Io): Promise<number> {
  const { store } = view;
  const name = displayPath(store, io.cwd);
  const launch = word === '@last' ? listLaunches(store).at(-1)?.launch : word.replace(/^@/, '');
  if (launch === undefined) return fail({ reason: 'no-launches', store: name });
  refuseUnrecorded(store, launch, options.force);
  const found = await surveyOf(view, launch, wholeScope, options);
  const others = listInterruptedLaunches(store).filter((other) => other !== launch);
  return (await resumeOne(found, { options, others, follows: true }, io)).code;
}
