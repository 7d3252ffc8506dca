import { selectRuns } from '../../jobs/index.js';
import { isFinalStatus } from '../../logger/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { type Output, outputOf } from './run-here.js';
import { followRuns } from './run-jobs.js';
import { storeOf } from './store-option.js';

/** `mlx watch [RUNS]`: follows runs until all have ended, wherever they run. */
export function run(parsed: ParsedArgs, io: Io): Promise<number> {
  return followNamed(parsed, io, outputOf(parsed));
}

/** Follows the runs that the words name, those that have not ended where they name none; gives the exit code. */
export async function followNamed(parsed: ParsedArgs, io: Io, output: Output): Promise<number> {
  const store = await storeOf(parsed, io);
  const named = parsed.positionals.length > 0;
  const selected = await selectRuns(store, parsed.positionals, io.cwd);
  const whole = selected.filter(({ status }) => status !== 'incomplete' && status !== 'damaged');
  const ids = whole.filter(({ status }) => named || !isFinalStatus(status)).map(({ id }) => id);
  if (ids.length === 0) {
    if (output === 'text') io.stderr.write('every run has ended\n');
    return 0;
  }
  return followRuns(store, ids, output, io);
}
