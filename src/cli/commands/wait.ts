import type { Io, ParsedArgs } from '../command.js';
import { run as watch } from './watch.js';

/** `mlx wait RUNS`: as `mlx watch`, and says nothing but what went wrong. */
export function run(parsed: ParsedArgs, io: Io): Promise<number> {
  return watch({ ...parsed, has: (option) => option === 'quiet' || parsed.has(option) }, io);
}
