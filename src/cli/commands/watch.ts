import { selectRuns } from '../../jobs/index.js';
import { isFinalStatus } from '../../logger/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { outputOf } from './run-here.js';
import { followRuns } from './run-jobs.js';
import { storeOf } from './store-option.js';

/** `mlx watch [RUNS]`: follows runs until all have ended, wherever they run. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const output = outputOf(parsed);
  const store = await storeOf(parsed, io);
  const named = parsed.positionals.length > 0;
  const selected = await selectRuns(store, parsed.positionals, io.cwd);
  const whole = selected.filter(({ status }) => status !== 'incomplete' && status !== 'damaged');
  const ids = whole.filter(({ status }) => named || !isFinalStatus(status)).map(({ id }) => id);
  if (ids.length === 0) {
    io.stderr.write('every run has ended\n');
    return 0;
  }
  return followRuns(store, ids, output, io);
}
