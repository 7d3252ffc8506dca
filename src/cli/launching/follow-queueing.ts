import { plural } from '../../core/words.js';
import {
  type QueueTarget,
  type RecordedLaunch,
  resumeQueue,
  startQueue,
  surveyHere,
  turnedAwayRuns,
} from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import { outputOf } from '../options/output.js';
import { type LaunchShape, planText } from '../output/plan-text.js';
import { followSubmission, type SubmissionOptions, type SubmissionView } from './follow-submission.js';

const next = 'mlx execute runs them';

/** Puts a plan's runs into the local queue. Resolves to the exit code. */
export async function queuePlan(
  shape: LaunchShape<QueueTarget>,
  options: SubmissionOptions,
  io: Io,
  line?: SubmissionView['line'],
): Promise<number> {
  const { plan, target } = shape;
  const output = outputOf(options);
  if (output === 'text' && !line) io.stderr.write(`${planText(shape, io.cwd)}\n`);
  const launch = startQueue(plan, target, { argv: io.argv, version: io.version, environment: io.env });
  const view = { output, verbose: options.verbose ?? false, next, line };
  return (await followSubmission(launch, plan.count, view, io)).code;
}

/** Creates the missing runs of a launch into the local queue. Resolves to the exit code. */
export async function resumeQueued(
  {
    store,
    launch,
    recorded,
    force,
  }: {
    readonly store: string;
    readonly launch: string;
    readonly recorded: RecordedLaunch<QueueTarget>;
    readonly force: boolean;
  },
  options: SubmissionOptions & { readonly dryRun: boolean },
  io: Io,
): Promise<number> {
  const { counts } = surveyHere(store, launch, recorded, force);
  const missing = counts.create + counts.complete + turnedAwayRuns(store, launch, recorded).length;
  if (options.dryRun) {
    const data = { launch, runs: recorded.plan.count, create: missing };
    io.stdout.write(
      options.json ? `${JSON.stringify(data)}\n` : `launch @${launch}: ${plural(missing, 'run')} to create\n`,
    );
    return 0;
  }
  const view = { output: outputOf(options), verbose: options.verbose ?? false, next };
  return (await followSubmission(resumeQueue(store, launch, recorded, force), missing, view, io)).code;
}
