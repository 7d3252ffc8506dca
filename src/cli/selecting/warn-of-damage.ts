import type { Failure } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';
import { renderFailure } from '../render-failure.js';

/** Warns about a damaged record, whose columns are empty. */
export function warnOfDamage(problem: Failure | undefined, io: Io): void {
  if (problem) io.stderr.write(renderFailure(problem).text.replace(/^mlx:/, 'warning:'));
}
