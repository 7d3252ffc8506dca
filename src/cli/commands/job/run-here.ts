import { parseDuration } from '../../../core/clock.js';
import { printableLine } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { type HereTarget, startHere } from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { outputOf } from '../../options/output.js';
import { followToEnd } from './follow-to-end.js';
import type { JobOptions } from './spec.js';
import { checkWritable, dryRun, ignoredSettings, planOf, type TemplateLaunch } from './template-launch.js';

/** Runs the job as one process on this machine, and shows its output. Resolves to the job's exit code. */
export async function runHere(asked: TemplateLaunch, options: JobOptions, io: Io): Promise<number> {
  const { args, settings } = asked;
  const walltime = args.walltime === undefined ? undefined : secondsOf(args.walltime);
  const target: HereTarget = {
    kind: 'here',
    parallel: 1,
    failFast: false,
    walltime:
      walltime === undefined ? undefined : { seconds: walltime, reason: `over its walltime of ${args.walltime}` },
    grace: settings.grace,
  };
  const plan = planOf(asked, [], io);
  const notes = [
    ...(['n_nodes', 'n_tasks_per_proc'] as const)
      .filter((count) => args.counts[count] !== undefined)
      .map((count) => `--${count} is ignored: ${ignoredBecause[count]}`),
    ...(args.walltime === undefined ? [] : [`--walltime ${args.walltime} holds here too: the job is ended then`]),
    ...ignoredSettings(settings),
  ];
  if (options.dryRun) return dryRun({ plan, notes, target }, options, io);
  await checkWritable(plan, io.cwd);
  const output = outputOf(options);
  if (output === 'text') for (const note of notes) io.stderr.write(`note     ${printableLine(note)}\n`);
  const launch = startHere(plan, target, { argv: io.argv, version: io.version, environment: io.env });
  const view = { head: '', total: 1, parallel: 1, store: plan.settings.logger.parent_log_dir };
  const stream = output === 'quiet' ? 'never' : 'plain';
  return followToEnd(launch, view, io, { stream, output: output === 'json' ? 'json' : 'quiet' });
}

const ignoredBecause = {
  n_nodes: 'this machine is one',
  n_tasks_per_proc: 'here the workers share the tasks evenly',
};

function secondsOf(value: string): number {
  const seconds = parseDuration(value);
  const expected = 'a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)';
  return seconds ?? fail({ reason: 'bad-option-value', option: '--walltime', value, expected, near: undefined });
}
