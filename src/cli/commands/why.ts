import { printable, printableLine } from '../../core/text.js';
import { EngineView, explainRun, requireRunNow } from '../../jobs/index.js';
import { readableLaunch } from '../../launcher/index.js';
import { readLogTail } from '../../reader/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { painter } from '../output/style.js';
import { oneRunWord } from './one-run.js';
import { storeOf } from './store-option.js';
import { warnOfTroubles } from './warn-of-troubles.js';

const logLines = 10;

/** `mlx why ID`: why a run waits, failed or is unknown, and what to type next. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const word = oneRunWord(parsed, 'why');
  const store = await storeOf(parsed, io);
  const view = new EngineView(store);
  const found = await requireRunNow(store, word, io.cwd, view);
  const { facts, next } = await explainRun(found, store, found.job && (await readableLaunch(store, found.job.launch)));
  const tail = readLogTail(found.directory, logLines);
  warnOfTroubles(view, io);
  if (parsed.has('json')) {
    io.stdout.write(
      `${JSON.stringify({ run: found.id, facts: facts.map(([name, text]) => ({ name, text })), log: tail, next })}\n`,
    );
    return 0;
  }
  const paint = painter(io.stdout, io.env);
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(
    ([name, text]) => `${paint('dim', printableLine(name).padEnd(width))}  ${printableLine(text)}\n`,
  );
  const log =
    tail.length === 0
      ? ''
      : `${paint('dim', 'last lines of its output')}\n${tail.map((line) => `  ${printable(line)}\n`).join('')}`;
  const steps = `${paint('dim', 'next')}\n${next.map((step) => `  ${step}\n`).join('')}`;
  io.stdout.write(`run ${found.id}\n${lines.join('')}${log}${steps}`);
  return 0;
}
