import { rangesText } from '../../core/consecutive.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import type { Io } from '../grammar/command.js';

/** Runs that something could not be done with, and why. */
export type Failed = readonly { readonly ids: readonly number[]; readonly why: string }[];

/** `5-11, 13`. */
export const idsText = (ids: readonly number[]): string => rangesText(ids).replaceAll(',', ', ');

/** `run 5`, `8 runs (5-11, 13)`. */
export function runsText(ids: readonly number[]): string {
  return ids.length === 1 ? `run ${ids[0]}` : `${plural(ids.length, 'run')} (${idsText(ids)})`;
}

/** Says of which runs something could not be done; gives the exit code that goes with it. */
export function tellFailed(verb: string, failed: Failed, io: Io): number {
  for (const { ids, why } of failed) io.stderr.write(`mlx: can't ${verb} ${idsText(ids)}: ${printableLine(why)}\n`);
  return failed.length === 0 ? 0 : 3;
}
