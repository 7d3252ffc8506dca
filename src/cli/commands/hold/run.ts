import partition from 'lodash/partition.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText } from '../../../core/text.js';
import { canHoldOrRelease, holdRuns } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { reportFailed, runsText } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import type { HoldOptions } from './spec.js';

const past = { hold: 'held', release: 'released' } as const;

/**
 * `mlx hold RUNS` and `mlx release RUNS`: keeps waiting jobs from starting, or lets them start. Resolves to 3
 * if an engine refuses.
 */
async function holdOrRelease(what: 'hold' | 'release', named: ParsedArgs<HoldOptions>, io: Io): Promise<number> {
  const { options } = named;
  const selection = await selectFor(
    { command: what, applies: ({ status }) => canHoldOrRelease(what, status) },
    named,
    io,
  );
  if (!selection) return 1;
  const { store, runs } = selection;
  const ids = runs.map(({ id }) => id);
  if (options.dryRun) {
    const fitting = partition(runs, ({ status }) => canHoldOrRelease(what, status));
    const [done = [], passed = []] = fitting.map((some) => some.map(({ id }) => id));
    if (options.json) io.stdout.write(`${jsonText({ dry_run: true, done, passed })}\n`);
    else io.stdout.write(done.length === 0 ? `no run would be ${past[what]}\n` : `would ${what} ${runsText(done)}\n`);
    return 0;
  }
  const outcome = await holdRuns(store, ids, what);
  const { done, passed, failed } = outcome;
  if (options.json) {
    io.stdout.write(`${jsonText(outcome)}\n`);
    return failed.length === 0 ? 0 : 3;
  }
  if (done.length > 0) io.stdout.write(`${past[what]}: ${runsText(done)}\n`);
  if (passed.length > 0)
    io.stderr.write(
      `left as they are, since they are not ${what === 'hold' ? 'waiting' : 'held'}: ${runsText(passed)}\n`,
    );
  if (done.length + passed.length + failed.length === 0) io.stderr.write('no run matched\n');
  return reportFailed(what, failed, io);
}

export const hold = { run: (named: ParsedArgs<HoldOptions>, io: Io) => holdOrRelease('hold', named, io) };
export const release = { run: (named: ParsedArgs<HoldOptions>, io: Io) => holdOrRelease('release', named, io) };
