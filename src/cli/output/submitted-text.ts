import { rangesText } from '../../core/consecutive.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import type { LaunchEvent } from '../../launch/index.js';
import { readJob, runCommand } from '../../store/index.js';

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

/**
 * Returns jman's line `Submitted logs/12 as slurm 6151645 @main (0 seconds ago) python script.py --help`.
 * `queue` is undefined if it is not known.
 */
export function submittedText(
  verb: string,
  { runs, engine, jobId }: Submitted,
  queue: string | undefined,
  cwd: string,
): string {
  const [first] = runs;
  if (!first) return '';
  const ids = rangesText(runs.map(({ id }) => id));
  const path = displayPath(first.directory, cwd).replace(/\d+$/, ids);
  const at = queue === undefined ? '' : ` @${queue}`;
  const words = `${verb} ${path} as ${engine} ${jobId}${at} (0 seconds ago) ${shownCommand(runCommand({ job: readJob(first.directory), directory: first.directory }) ?? '')}`;
  return printableLine(words);
}

/** Returns a command line without the directory of its interpreter. */
export function shownCommand(command: string): string {
  return command.replace(/^\/\S*\/(python[\d.]*|bash|node|Rscript|julia) /, '$1 ');
}
