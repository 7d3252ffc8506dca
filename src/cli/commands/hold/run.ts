import { canHoldOrRelease, holdRuns } from '../../../runs/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { selectFor } from '../../selecting/selection.js';
import { runsText, tellFailed } from '../../selecting/tell-outcome.js';

/** `mlx hold RUNS` and `mlx release RUNS`: jobs that wait are kept from starting, or let go. Gives 3 where an engine refuses. */
async function tell(what: 'hold' | 'release', parsed: ParsedArgs, io: Io): Promise<number> {
  const selection = await selectFor(
    { command: what, applies: ({ status }) => canHoldOrRelease(what, status) },
    parsed,
    io,
  );
  if (!selection) return 1;
  const { store, runs } = selection;
  const ids = runs.map(({ id }) => id);
  const outcome = await holdRuns(store, ids, what);
  const { done, passed, failed } = outcome;
  if (parsed.has('json')) {
    io.stdout.write(`${JSON.stringify(outcome)}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (done.length > 0) io.stdout.write(`${what === 'hold' ? 'held' : 'released'}: ${runsText(done)}\n`);
  if (passed.length > 0)
    io.stderr.write(
      `left as they are, since they are not ${what === 'hold' ? 'waiting' : 'held'}: ${runsText(passed)}\n`,
    );
  if (done.length + passed.length + failed.length === 0) io.stderr.write('no run matched\n');
  return tellFailed(what, failed, io);
}

export const hold = { run: (parsed: ParsedArgs, io: Io) => tell('hold', parsed, io) };
export const release = { run: (parsed: ParsedArgs, io: Io) => tell('release', parsed, io) };
