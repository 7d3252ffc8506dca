import { statSync } from 'node:fs';
import { ifPresent } from '../../../core/errno.js';
import { findCommand } from '../../../core/find-command.js';
import { displayPath } from '../../../core/paths.js';
import { fail } from '../../../failures/index.js';
import { type Plan, planLaunch, pointsOf, type Target } from '../../../launch/index.js';
import type { Settings } from '../../../settings/index.js';
import { directoryProblem, isOver, runsOfJobLog } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import { directoryOfLog, type JobArgs, type TemplateJob } from '../../../templates/index.js';
import { runsNow } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import type { JobOptions } from './spec.js';

/** A job of a template, as it was asked for. */
export interface TemplateLaunch {
  readonly args: JobArgs;
  readonly job: TemplateJob;
  readonly settings: Settings;
}

/** Returns the plan of a job: one run, or one for each element of an array. */
export function planOf(
  { args: { command }, job: { script }, settings }: TemplateLaunch,
  indexes: readonly number[],
  io: Io,
): Plan {
  const [word = ''] = command;
  // Modules that the template loads may provide the command. If it is missing here, the job will report that.
  const file = findCommand(word, io.cwd, io.env['PATH'] ?? '') ?? word;
  return planLaunch({
    cwd: io.cwd,
    commands: [
      {
        program: { argv: command, file, executable: file, directory: undefined },
        points: pointsOf(indexes.length === 0 ? [] : [parseOverride(`array=${indexes.join(',')}`)]),
        config: { kind: 'overrides-only' },
        args: { style: 'verbatim', preset: undefined },
        written: undefined,
      },
    ],
    settings,
    script: undefined,
    code: undefined,
    job: script,
  });
}

/** Returns notes about settings that a job of a template does not use. */
export const ignoredSettings = ({ use_version_manager: versioned }: Settings): string[] =>
  versioned ? ['use_version_manager is ignored: the job runs the files as they are'] : [];

/**
 * Checks that store, log and script can be written, and that no other job writes to the log, before anything
 * is written. Throws `store-unusable`, `log-unusable` or `log-in-use`.
 */
export async function checkWritable({ job, settings }: Plan, cwd: string): Promise<void> {
  const store = settings.logger.parent_log_dir;
  const problem = directoryProblem(store);
  if (problem !== undefined) fail({ reason: 'store-unusable', path: store, code: problem });
  if (!job) return;
  const path = displayPath(job.log, cwd);
  const code = ifPresent(() => statSync(job.log))?.isDirectory() ? 'EISDIR' : directoryProblem(directoryOfLog(job));
  if (code !== undefined) fail({ reason: 'log-unusable', path, code });
  const alive = (await runsNow(store, runsOfJobLog(store, job.stem))).filter(({ status }) => !isOver(status.status));
  if (alive.length > 0) fail({ reason: 'log-in-use', path, ids: alive.map(({ id }) => id) });
}

/** Prints the plan of a job, and writes nothing. Resolves to the exit code. */
export async function dryRun(
  shape: { readonly plan: Plan; readonly notes: readonly string[]; readonly target: Target },
  { json }: Pick<JobOptions, 'json'>,
  io: Io,
): Promise<number> {
  const { showDryRun } = await import('../../launching/dry-run.js');
  return showDryRun({ ...shape, parallel: 1 }, io, json);
}
