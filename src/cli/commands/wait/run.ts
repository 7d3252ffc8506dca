import type { ParsedArgs } from '../../../arguments/index.js';
import type { Io } from '../../grammar/command.js';
import { followNamed } from '../watch/follow-named.js';
import type { WaitOptions } from './spec.js';

/** `mlx wait RUNS`: waits as `mlx watch` does, and prints only errors. */
export const run = (parsed: ParsedArgs<WaitOptions>, io: Io): Promise<number> => followNamed(parsed, io, 'quiet');
