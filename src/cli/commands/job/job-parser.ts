import { nearest } from '../../../core/suggest.js';
import { fail } from '../../../failures/index.js';
import { countsOfMode, type JobArgs, type JobCount, jobCounts, jobModes } from '../../../templates/index.js';
import { jobCountOptions } from '../../commands.js';
import type { ParsedArgs } from '../../grammar/command.js';

/**
 * Reads `MODE [OPTIONS] LOG_FILENAME COMMAND…`. Throws `missing-argument`, `unknown-word` for a mode, `count-of-other-mode` or `missing-count`.
 */
export function readJobArgs(parsed: ParsedArgs, [word, logFilename]: readonly string[], command: string): JobArgs {
  const missing = (argument: string) => fail({ reason: 'missing-argument', argument, command });
  if (word === undefined) return missing('MODE');
  const mode = jobModes.find((one) => one === word) ?? unknownMode(word);
  const given = jobCounts.flatMap((count): [JobCount, number][] => {
    const value = parsed.number(jobCountOptions[count].name);
    return value === undefined ? [] : [[count, value]];
  });
  const known = countsOfMode[mode];
  const foreign = given.find(([count]) => !known.includes(count));
  if (foreign) fail({ reason: 'count-of-other-mode', count: foreign[0], mode, known });
  const counts = Object.fromEntries(given) as JobArgs['counts'];
  if (mode === 'mpi' && counts.n_procs === undefined) fail({ reason: 'missing-count', count: 'n_procs', mode });
  if (logFilename === undefined || logFilename === '') return missing('LOG_FILENAME');
  const words = parsed.rest ?? [];
  if (words.length === 0) return missing('COMMAND');
  return { mode, logFilename, command: words, walltime: parsed.text('walltime'), counts };
}

function unknownMode(word: string): never {
  const known = jobModes.map((mode) => (mode === 'cpu' || mode === 'gpu' ? `${mode} (with --n_tasks an array)` : mode));
  return fail({ reason: 'unknown-word', what: 'mode', word, known, near: nearest(word, jobModes) });
}
