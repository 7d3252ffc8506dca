import { isWhole } from '../../../results/index.js';
import { isFinalStatus } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { followRuns } from '../../launching/follow-submission.js';
import type { Output } from '../../options/output.js';
import { launchesBeingMade } from '../../selecting/launches-being-made.js';
import { type NamedRuns, namedRuns } from '../../selecting/selection.js';

/**
 * Follows the runs that words and options name; if they name none, the runs that have not ended. Resolves to
 * the exit code.
 */
export async function followNamed(
  named: NamedRuns & { readonly options: { readonly notify: string | undefined } },
  io: Io,
  output: Output,
): Promise<number> {
  const { store, runs, isNamed } = await namedRuns(named, io);
  const ids = runs.flatMap(({ id, status }) => (isWhole(status) && (isNamed || !isFinalStatus(status)) ? id : []));
  const launches = launchesBeingMade(named, store);
  if (ids.length === 0 && launches.length === 0) {
    if (output === 'text') io.stderr.write('every run has ended\n');
    return 0;
  }
  return followRuns(store, ids, { output, notify: named.options.notify, launches }, io);
}
