import type { ParsedArgs } from '../../../arguments/index.js';
import type { Io } from '../../grammar/command.js';
import { outputOf } from '../../options/output.js';
import { followNamed } from './follow-named.js';
import type { WatchOptions } from './spec.js';

/** `mlx watch [RUNS]`: follows runs until all have ended, wherever they run. */
export const run = (parsed: ParsedArgs<WatchOptions>, io: Io): Promise<number> =>
  followNamed(parsed, io, outputOf(parsed.options));
