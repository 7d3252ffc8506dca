import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { infoCommand } from './info-status.js';
import type { JobRecord } from './job-record.js';
import { runPaths } from './paths.js';

/**
 * The command line of a run; undefined for one that MLXP made. `job.yaml` has it. Runs made before it was kept there have it in
 * `info.yaml`, unless the program has written that file again, and in their script.
 */
export function runCommand({
  job,
  directory,
}: {
  readonly job: JobRecord | undefined;
  readonly directory: string;
}): string | undefined {
  if (!job || job.command !== undefined) return job?.command;
  const script = () => ifPresent(() => readFileSync(runPaths.script(directory), 'utf8')) ?? '';
  return infoCommand(directory) ?? /^exec (?!bash .*\/run\.sh )(.*)$/m.exec(script())?.[1];
}
