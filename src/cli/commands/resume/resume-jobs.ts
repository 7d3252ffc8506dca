import { plural } from '../../../core/words.js';
import {
  type EngineTarget,
  type JobSurvey,
  type RecordedLaunch,
  resumeEngine,
  surveyEngine,
} from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { followRuns, followSubmission, requireCommands } from '../../launching/follow-submission.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { followChoices, outputOf } from '../../options/output.js';
import { withFailureLimit } from './failure-limit.js';
import type { ResumeOptions } from './spec.js';

interface InterruptedLaunch {
  readonly store: string;
  readonly launch: string;
  readonly recorded: RecordedLaunch<EngineTarget>;
  readonly force: boolean;
}

/** Finishes the submission of a launch of jobs. Resolves to the exit code. */
export async function resumeSubmission(
  { store, launch, recorded, force }: InterruptedLaunch,
  options: ResumeOptions,
  io: Io,
): Promise<number> {
  const output = outputOf(options);
  requireCommands(recorded.target, io);
  const survey = await surveyEngine(store, launch, recorded);
  const { counts, bad } = survey;
  if (options.dryRun) {
    const data = { launch, runs: recorded.plan.count, ...counts, bad };
    io.stdout.write(options.json ? `${JSON.stringify(data)}\n` : surveyText(survey, recorded));
    return 0;
  }
  const total = counts.create + counts.complete + counts.submit + counts.again;
  if (total > 0) await warnOfChanges(store, launch, recorded, io);
  const limited = withFailureLimit({ store, launch, recorded, left: total }, options);
  if (output === 'text') io.stderr.write(`${surveyText(survey, recorded)}\n`);
  const submission = resumeEngine(store, launch, limited, force);
  const { ids, code } = await followSubmission(submission, total, { output, verbose: options.verbose }, io);
  return code === 0 && options.wait ? followRuns(store, ids, followChoices(options), io) : code;
}

function surveyText({ launch, counts, bad }: JobSurvey, { plan, target }: InterruptedLaunch['recorded']): string {
  const words: [number, string][] = [
    [counts.done, bad > 0 ? `ended (${bad} not well)` : 'complete'],
    [counts['under-way'], `under way in ${target.engine.title}`],
    [counts.submit, 'made, and not known to be submitted'],
    [counts.again, 'stopped, lost, preempted, or to go on after their limit: to submit again'],
    [counts.create + counts.complete, 'to create'],
  ];
  const lines = words
    .filter(([count]) => count > 0)
    .map(([count, text]) => `  ${String(count).padStart(6)}  ${text}\n`);
  return `launch @${launch}, ${plural(plan.count, 'run')} as jobs of ${target.engine.title}\n${lines.join('')}`;
}
