import { fail } from '../../core/failure.js';
import { plural, printableLine } from '../../core/text.js';
import { selectRuns, stopRuns } from '../../jobs/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { storeOf } from './store-option.js';

/** `mlx stop RUNS`: ends runs, in whatever engine they are. Gives 3 where one could not be told. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  if (parsed.positionals.length === 0) fail({ reason: 'missing-argument', argument: 'RUNS', command: 'stop' });
  const store = await storeOf(parsed, io);
  const selected = await selectRuns(store, parsed.positionals, io.cwd);
  const outcome = await stopRuns(
    store,
    selected.map(({ id }) => id),
    'stopped by mlx stop',
  );
  const { stopped, ended, failed } = outcome;
  if (parsed.has('json')) {
    io.stdout.write(`${JSON.stringify(outcome)}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (stopped.length > 0) io.stdout.write(`told ${plural(stopped.length, 'run')} to end: ${stopped.join(' ')}\n`);
  if (ended.length > 0) io.stderr.write(`${plural(ended.length, 'run')} had ended already\n`);
  for (const { ids, why } of failed) io.stderr.write(`mlx: can't stop ${ids.join(' ')}: ${printableLine(why)}\n`);
  if (stopped.length + ended.length + failed.length === 0) io.stderr.write('no run matched\n');
  return failed.length === 0 ? 0 : 3;
}
