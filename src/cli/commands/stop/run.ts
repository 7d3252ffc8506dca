import type { ParsedArgs } from '../../../arguments/index.js';
import { plural } from '../../../core/words.js';
import { isOpen, stopLaunches, stopRuns } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { launchesBeingMade } from '../../selecting/launches-being-made.js';
import { idsText, reportFailed } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import type { StopOptions } from './spec.js';

/** `mlx stop RUNS`: stops runs, in whatever engine they are. Resolves to 3 if one could not be stopped. */
export async function run({ positionals, options }: ParsedArgs<StopOptions>, io: Io): Promise<number> {
  const selection = await selectFor({ command: 'stop', applies: isOpen }, { positionals, options }, io);
  if (!selection) return 1;
  const { store, runs } = selection;
  const ids = runs.map(({ id }) => id);
  const reason = 'stopped by mlx stop';
  const outcome = await stopRuns(store, ids, reason);
  const { stopped, ended, failed } = outcome;
  const launches = stopLaunches(store, launchesBeingMade({ positionals, options }, store), reason);
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ...outcome, launches })}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (stopped.length > 0) io.stdout.write(`told ${plural(stopped.length, 'run')} to end: ${idsText(stopped)}\n`);
  if (ended.length > 0) io.stderr.write(`${plural(ended.length, 'run')} had ended already\n`);
  for (const launch of launches)
    io.stdout.write(`launch @${launch} starts no more runs; mlx resume @${launch} goes on with it\n`);
  if (stopped.length + ended.length + failed.length === 0) io.stderr.write('no run matched\n');
  return reportFailed('stop', failed, io);
}
