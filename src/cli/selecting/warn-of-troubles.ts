import { printableLine } from '../../core/text.js';
import type { EngineAsker } from '../../tracking/index.js';
import type { Io } from '../grammar/command.js';
import { timeText } from '../output/time-text.js';

/** Warns about engines that did not answer, and says how old the shown state of their jobs is. */
export function warnOfTroubles({ troubles }: EngineAsker, io: Io): void {
  for (const { engine, words, asOf } of troubles) {
    const when = asOf === undefined ? 'what is on disk' : `what it said at ${timeText(asOf)}`;
    io.stderr.write(
      `warning: ${printableLine(engine)} does not answer (${printableLine(words)}); its runs are shown by ${when}\n`,
    );
  }
}
