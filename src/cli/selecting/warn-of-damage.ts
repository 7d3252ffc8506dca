import { type Failure, renderFailure } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/** Warns about a damaged record, whose columns are empty. */
export function warnOfDamage(problem: Failure | undefined, io: Io): void {
  if (problem) io.stderr.write(renderFailure(problem).text.replace(/^mlx:/, 'warning:'));
}
