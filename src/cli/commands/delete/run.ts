import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { isWhole } from '../../../results/index.js';
import { deleteRuns, isOpen } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { confirm } from '../../output/confirm.js';
import { launchesBeingMade } from '../../selecting/launches-being-made.js';
import { reportFailed, runsText } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import type { DeleteOptions } from './spec.js';

/**
 * `mlx delete RUNS`: asks, stops runs, and removes their directories. Resolves to 3 if a run could not be
 * stopped.
 */
export async function run({ positionals, options }: ParsedArgs<DeleteOptions>, io: Io): Promise<number> {
  const selection = await selectFor(
    { command: 'delete', applies: ({ status }) => isWhole(status), isFinal: true },
    { positionals, options },
    io,
  );
  if (!selection) return 1;
  const { store, runs } = selection;
  const open = runs.filter(isOpen).length;
  const what = `delete ${runsText(runs.map(({ id }) => id))}${open > 0 ? `, of which ${plural(open, 'run')} would be stopped first` : ''}`;
  if (runs.length === 0) {
    io.stderr.write('no run matched\n');
    return 0;
  }
  if (options.dryRun) {
    const ids = runs.map(({ id }) => id);
    const stopped = runs.filter(isOpen).map(({ id }) => id);
    io.stdout.write(options.json ? `${jsonText({ dry_run: true, deleted: ids, stopped })}\n` : `would ${what}\n`);
    return 0;
  }
  // If no runs are named, `selectFor` has asked already.
  const isAsked = !selection.isNamed && !options.all;
  if (!isAsked && !(await confirm(`${what}?`, io))) {
    io.stderr.write('nothing was deleted\n');
    return 1;
  }
  const outcome = await deleteRuns(
    store,
    runs.map(({ id }) => id),
    launchesBeingMade({ positionals, options }, store),
  );
  const { deleted, failed } = outcome;
  if (options.json) {
    io.stdout.write(`${jsonText(outcome)}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (deleted.length > 0) io.stdout.write(`deleted ${runsText(deleted)}\n`);
  return reportFailed('delete', failed, io);
}
