import { isFinalStatus } from '../../../store/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { type Output, outputOf } from '../../launching/follow-launch.js';
import { followRuns } from '../../launching/follow-submission.js';
import { namedRuns } from '../../selecting/selection.js';

/** `mlx watch [RUNS]`: follows runs until all have ended, wherever they run. */
export function run(parsed: ParsedArgs, io: Io): Promise<number> {
  return followNamed(parsed, io, outputOf(parsed));
}

/** Follows the runs that the words and options name, those that have not ended where they name none; gives the exit code. */
export async function followNamed(parsed: ParsedArgs, io: Io, output: Output): Promise<number> {
  const { store, runs, isNamed } = await namedRuns(parsed, io);
  const whole = runs.filter(({ status }) => status !== 'incomplete' && status !== 'damaged');
  const ids = whole.filter(({ status }) => isNamed || !isFinalStatus(status)).map(({ id }) => id);
  if (ids.length === 0) {
    if (output === 'text') io.stderr.write('every run has ended\n');
    return 0;
  }
  return followRuns(store, ids, { output, notify: parsed.text('notify') }, io);
}
