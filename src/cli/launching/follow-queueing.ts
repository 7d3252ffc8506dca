import { type QueueTarget, startQueue } from '../../launch/index.js';
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
