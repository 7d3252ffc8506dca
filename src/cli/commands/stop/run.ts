import partition from 'lodash/partition.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { readableLaunch } from '../../../launch/index.js';
import { isOpen, stopLaunches, stopRuns } from '../../../runs/index.js';
import { readLaunchPoints } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { launchesBeingMade } from '../../selecting/launches-being-made.js';
import { idsText, reportFailed, runsText } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import type { StopOptions } from './spec.js';

/** `mlx stop RUNS`: stops runs, in whatever engine they are. Resolves to 3 if one could not be stopped. */
export async function run({ positionals, options }: ParsedArgs<StopOptions>, io: Io): Promise<number> {
  const selection = await selectFor({ command: 'stop', applies: isOpen }, { positionals, options }, io);
  if (!selection) return 1;
  const { store, runs } = selection;
  const ids = runs.map(({ id }) => id);
  const launches = launchesBeingMade({ positionals, options }, store);
  if (options.dryRun) {
    const [open = [], over = []] = partition(runs, isOpen).map((some) => some.map(({ id }) => id));
    if (options.json) io.stdout.write(`${jsonText({ dry_run: true, stopped: open, ended: over, launches })}\n`);
    else io.stdout.write(open.length === 0 ? 'no run would be stopped\n' : `would stop ${runsText(open)}\n`);
    return 0;
  }
  const reason = 'stopped by mlx stop';
  // First, so that they start nothing in place of what is stopped.
  const told = stopLaunches(store, launches, reason);
  const outcome = await stopRuns(store, ids, reason, told);
  const { stopped, ended, failed } = outcome;
  if (options.json) {
    io.stdout.write(`${jsonText({ ...outcome, launches: told })}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (stopped.length > 0) io.stdout.write(`told ${plural(stopped.length, 'run')} to end: ${idsText(stopped)}\n`);
  if (ended.length > 0) io.stderr.write(`${plural(ended.length, 'run')} had ended already\n`);
  for (const launch of told) {
    const count = (await readableLaunch(store, launch))?.plan.count ?? 0;
    if (count > readLaunchPoints(store, launch).size)
      io.stdout.write(`launch @${launch} starts no more runs; mlx resume @${launch} goes on with it\n`);
  }
  if (stopped.length + ended.length + failed.length === 0) io.stderr.write('no run matched\n');
  return reportFailed('stop', failed, io);
}
