import { type Failure, renderFailure } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/** Names a record that is damaged; its columns are empty. */
export function warnOfDamage(problem: Failure | undefined, io: Io): void {
  if (problem) io.stderr.write(renderFailure(problem).text.replace(/^mlx:/, 'warning:'));
}
