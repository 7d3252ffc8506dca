import { localIso } from '../../core/clock.js';
import { printableLine } from '../../core/text.js';
import type { EngineAsker } from '../../runs/index.js';
import type { Io } from '../grammar/command.js';

/** Tells which engines did not answer, and as of when what is shown of their jobs holds. */
export function warnOfTroubles({ troubles }: EngineAsker, io: Io): void {
  for (const { engine, words, asOf } of troubles) {
    const when =
      asOf === undefined ? 'what is on disk' : `what it said at ${localIso(new Date(asOf * 1000)).slice(11, 19)}`;
    io.stderr.write(
      `warning: ${printableLine(engine)} does not answer (${printableLine(words)}); its runs are shown by ${when}\n`,
    );
  }
}
