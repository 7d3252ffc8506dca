import partition from 'lodash/partition.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { isOpen, stopRuns } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { idsText, reportFailed, runsText } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import type { StopOptions } from './spec.js';

/** `mlx stop RUNS`: stops runs, in whatever engine they are. Resolves to 3 if one could not be stopped. */
export async function run({ positionals, options }: ParsedArgs<StopOptions>, io: Io): Promise<number> {
  const selection = await selectFor({ command: 'stop', applies: isOpen }, { positionals, options }, io);
  if (!selection) return 1;
  const { store, runs } = selection;
  const ids = runs.map(({ id }) => id);
  if (options.dryRun) {
    const [open = [], over = []] = partition(runs, isOpen).map((some) => some.map(({ id }) => id));
    if (options.json) io.stdout.write(`${jsonText({ dry_run: true, stopped: open, ended: over })}\n`);
    else io.stdout.write(open.length === 0 ? 'no run would be stopped\n' : `would stop ${runsText(open)}\n`);
    return 0;
  }
  const outcome = await stopRuns(store, ids, 'stopped by mlx stop');
  const { stopped, ended, failed } = outcome;
  if (options.json) {
    io.stdout.write(`${jsonText(outcome)}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (stopped.length > 0) io.stdout.write(`told ${plural(stopped.length, 'run')} to end: ${idsText(stopped)}\n`);
  if (ended.length > 0) io.stderr.write(`${plural(ended.length, 'run')} had ended already\n`);
  if (stopped.length + ended.length + failed.length === 0) io.stderr.write('no run matched\n');
  return reportFailed('stop', failed, io);
}
