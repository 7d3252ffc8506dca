import { jsonText } from '../../../core/text.js';
import { resumeEngine, resumeHere, resumeQueue, surveyHere } from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { followLaunch } from '../../launching/follow-launch.js';
import { restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { followChoices } from '../../options/output.js';
import { withFailureLimit } from './failure-limit.js';
import type { Resumed, Resuming, SurveyedLaunch } from './survey-launch.js';
import { surveyText } from './survey-text.js';

/** Finishes a launch, or with `--dry-run` shows what that would do. */
export async function resumeOne(found: SurveyedLaunch, how: Resuming, io: Io): Promise<Resumed> {
  const { store, launch, recorded, survey, left } = found;
  const { options, others } = how;
  if (left > 0) await warnOfChanges(store, launch, recorded, io);
  if (options.dryRun) {
    const data = { launch, runs: recorded.plan.count, ...survey.counts, bad: survey.bad };
    io.stdout.write(options.json ? `${jsonText(data)}\n` : surveyText(found, others));
    return { code: 0, ids: [] };
  }
  await restoreCopyOf(recorded.plan, io);
  switch (found.kind) {
    case 'here':
      return { code: await resumeProcesses(found, how, io), ids: [] };
    case 'engine': {
      const { resumeSubmission } = await import('./resume-jobs.js');
      return resumeSubmission(found, surveyText(found, others), how, io);
    }
    case 'queue': {
      const { resumeQueued } = await import('./resume-jobs.js');
      return resumeQueued(found, options, io);
    }
  }
}

/** Starts and follows what a launch on this machine has left. Resolves to the exit code. */
async function resumeProcesses(
  { store, launch, recorded, survey, scope, left }: Extract<SurveyedLaunch, { kind: 'here' }>,
  { options, others }: Resuming,
  io: Io,
): Promise<number> {
  const { force } = options;
  const parallel = options.parallel ?? recorded.target.parallel;
  const limited = await withFailureLimit({ store, launch, recorded, left }, options, io);
  const head = surveyText({ kind: 'here', launch, recorded, survey }, others);
  const resumed = resumeHere(survey, limited, { parallel, force, scope });
  const code = await followLaunch(resumed, { head, total: left, parallel }, io, followChoices(options));
  if (code > 1) return code;
  const { counts, bad } = surveyHere(store, launch, recorded, { force: true, scope });
  const isComplete = Object.entries(counts).every(([what, count]) => what === 'done' || count === 0) && bad === 0;
  return isComplete ? 0 : 1;
}

/**
 * Finishes a launch that has nothing left to start: corrects what its runs have on record, and marks it as
 * done. Prints nothing.
 */
export async function closeLaunch(found: SurveyedLaunch, force: boolean): Promise<void> {
  const { store, launch, scope } = found;
  const events =
    found.kind === 'here'
      ? resumeHere(found.survey, found.recorded, { parallel: undefined, force, scope }).events
      : found.kind === 'engine'
        ? resumeEngine(store, launch, found.recorded, { force, scope }).events
        : resumeQueue(store, launch, found.recorded, { force, scope }).events;
  for await (const _ of events);
}
