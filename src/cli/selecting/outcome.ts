import { rangesText } from '../../core/consecutive.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import type { Io } from '../grammar/command.js';

/** Runs that a command failed for, with the reasons. */
type Failed = readonly { readonly ids: readonly number[]; readonly why: string }[];

/** Returns ids as ranges: `5-11, 13`. */
export const idsText = (ids: readonly number[]): string => rangesText(ids).replaceAll(',', ', ');

/** Returns `run 5` or `8 runs (5-11, 13)`. */
export function runsText(ids: readonly number[]): string {
  return ids.length === 1 ? `run ${ids[0]}` : `${plural(ids.length, 'run')} (${idsText(ids)})`;
}

/** Prints the runs that a command failed for. Returns the exit code: 0 if there are none, else 3. */
export function reportFailed(verb: string, failed: Failed, io: Io): number {
  for (const { ids, why } of failed) io.stderr.write(`mlx: can't ${verb} ${idsText(ids)}: ${printableLine(why)}\n`);
  return failed.length === 0 ? 0 : 3;
}
