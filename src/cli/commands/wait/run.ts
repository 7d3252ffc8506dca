import type { ParsedArgs } from '../../../arguments/index.js';
import type { Io } from '../../grammar/command.js';
import { followNamed } from '../watch/run.js';
import type { WaitOptions } from './spec.js';

/** `mlx wait RUNS`: as `mlx watch`, and says nothing but what went wrong. */
export const run = (parsed: ParsedArgs<WaitOptions>, io: Io): Promise<number> => followNamed(parsed, io, 'quiet');
