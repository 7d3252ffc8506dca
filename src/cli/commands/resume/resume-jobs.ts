import { resumeEngine, resumeQueue } from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { followRuns, followSubmission, requireCommands } from '../../launching/follow-submission.js';
import { goOnCommand } from '../../launching/go-on.js';
import { followChoices, outputOf } from '../../options/output.js';
import { withFailureLimit } from './failure-limit.js';
import type { ResumeOptions } from './spec.js';
import type { Resumed, SurveyedLaunch } from './survey-launch.js';

/** Finishes the submission of a launch of jobs; `head` is what it has left to do. */
export async function resumeSubmission(
  { store, launch, recorded, scope, left }: Extract<SurveyedLaunch, { kind: 'engine' }>,
  head: string,
  { options, follows }: { readonly options: ResumeOptions; readonly follows: boolean },
  io: Io,
): Promise<Resumed> {
  const output = outputOf(options);
  const limited = await withFailureLimit({ store, launch, recorded, left }, options, io);
  requireCommands(recorded.target, io, await goOnCommand(launch, store, io));
  if (output === 'text') io.stderr.write(`${head}\n`);
  const submission = resumeEngine(store, launch, limited, { force: options.force, scope });
  const { ids, code } = await followSubmission(submission, left, { output, verbose: options.verbose }, io);
  if (code !== 0 || !options.wait || !follows) return { code, ids };
  return { code: await followRuns(store, ids, followChoices(options), io), ids };
}

/** Puts the runs of a launch into the local queue that it has left. */
export async function resumeQueued(
  { store, launch, recorded, scope, left }: Extract<SurveyedLaunch, { kind: 'queue' }>,
  options: ResumeOptions,
  io: Io,
): Promise<Resumed> {
  const limited = await withFailureLimit({ store, launch, recorded, left }, options, io);
  const view = { output: outputOf(options), verbose: options.verbose, next: 'mlx execute runs them' };
  const launched = resumeQueue(store, launch, limited, { force: options.force, scope });
  return { code: (await followSubmission(launched, left, view, io)).code, ids: [] };
}
