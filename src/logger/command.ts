import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { infoCommand } from './close-info.js';
import type { JobRecord } from './job.js';
import { runPaths } from './store.js';

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
