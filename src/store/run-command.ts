import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { infoCommand } from './info-status.js';
import type { JobRecord } from './job-record.js';
import { runPaths } from './paths.js';

/**
 * Returns the command line of a run, or undefined for a run of MLXP. It is in `job.yaml`. Older runs have it
 * in `info.yaml`, unless the program has rewritten that file, and in their script.
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
