import type { Io, ParsedArgs } from '../../grammar/command.js';
import { followNamed } from '../watch/run.js';

/** `mlx wait RUNS`: as `mlx watch`, and says nothing but what went wrong. */
export const run = (parsed: ParsedArgs, io: Io): Promise<number> => followNamed(parsed, io, 'quiet');
