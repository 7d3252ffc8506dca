import { fail } from '../../core/failure.js';
import { displayPath } from '../../core/paths.js';
import { plural, printableLine } from '../../core/text.js';
import { findGarbage, type Garbage, removeGarbage } from '../../jobs/index.js';
import { listRunIds } from '../../logger/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { confirm } from '../output/confirm.js';
import { storeOf } from './store-option.js';

const shown = 20;

const kinds: Readonly<Record<Garbage['kind'], string>> = {
  incomplete: 'never completed, its launcher died',
  temporary: 'left behind by a killed process',
  runtime: 'of another version, used by no script',
};

/** `mlx gc`: removes what nobody needs any more, after asking. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const store = await storeOf(parsed, io);
  const [extra] = parsed.positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'gc' });
  if (!listRunIds(store)) fail({ reason: 'no-store', path: displayPath(store, io.cwd) });
  const garbage = findGarbage(store);
  if (parsed.has('json')) {
    const removed = parsed.has('yes') ? removeGarbage(store, garbage) : [];
    io.stdout.write(`${JSON.stringify({ found: garbage, removed })}\n`);
    return 0;
  }
  if (garbage.length === 0) {
    io.stdout.write(`nothing to remove from ${printableLine(displayPath(store, io.cwd))}\n`);
    return 0;
  }
  for (const { path, kind } of garbage.slice(0, shown)) {
    io.stdout.write(`${printableLine(displayPath(path, io.cwd))}  ${kinds[kind]}\n`);
  }
  if (garbage.length > shown) io.stdout.write(`… and ${garbage.length - shown} more\n`);
  if (parsed.has('dry-run')) return 0;
  if (!parsed.has('yes') && !(await confirm(`remove ${plural(garbage.length, 'thing')}?`, io))) {
    io.stderr.write('nothing was removed\n');
    return 1;
  }
  io.stdout.write(`removed ${plural(removeGarbage(store, garbage).length, 'thing')}\n`);
  return 0;
}
