import type { Io, ParsedArgs } from '../command.js';
export async function run(_parsed: ParsedArgs, _io: Io): Promise<number> {
  return 0;
}
