import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText, printable, printableLine } from '../../../core/text.js';
import { readableLaunch } from '../../../launch/index.js';
import { readLogTail, readProgramError } from '../../../results/index.js';
import { explainRun, requireRunNow } from '../../../runs/index.js';
import { EngineAsker } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { storeWords } from '../../launching/go-on.js';
import { errorLine } from '../../output/failures.js';
import { painter } from '../../output/style.js';
import { oneRunWord } from '../../selecting/selection.js';
import { storeOf } from '../../selecting/store.js';
import { warnOfTroubles } from '../../selecting/warn-of-troubles.js';
import type { WhyOptions } from './spec.js';

const logLines = 10;

/** `mlx why ID`: prints why a run waits, failed or is unknown, and what to type next. */
export async function run({ positionals, options }: ParsedArgs<WhyOptions>, io: Io): Promise<number> {
  const word = oneRunWord(positionals, 'why');
  const store = await storeOf(options, io.cwd);
  const view = new EngineAsker(store);
  const found = await requireRunNow(store, word, io.cwd, view);
  const { facts: known, next: commands } = await explainRun(
    found,
    store,
    found.job && (await readableLaunch(store, found.job.launch)),
  );
  const where = await storeWords(store, io);
  const next = commands.map((command) => command + where);
  const tail = readLogTail(found.directory, logLines);
  const error = readProgramError(found, found.attempt);
  warnOfTroubles(view, io);
  if (options.json) {
    const facts = known.map(([name, text]) => ({ name, text }));
    const told = { error: error?.text ?? null, error_place: error?.place ?? null, error_lines: error?.lines ?? [] };
    io.stdout.write(`${jsonText({ run: found.id, facts, ...told, log: tail, next })}\n`);
    return 0;
  }
  const paint = painter(io.stdout, io.env);
  const facts = [
    ...(error ? [['error', errorLine(error)] as const] : []),
    ...(error?.cause ? [['caused by', error.cause] as const] : []),
    ...known,
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(
    ([name, text]) => `${paint('dim', printableLine(name).padEnd(width))}  ${printableLine(text)}\n`,
  );
  const said = error?.lines ?? tail;
  const log =
    said.length === 0
      ? ''
      : `${paint('dim', error ? 'what it said' : 'last lines of its output')}\n${said.map((line) => `  ${printable(line)}\n`).join('')}`;
  const steps = `${paint('dim', 'next')}\n${next.map((step) => `  ${step}\n`).join('')}`;
  io.stdout.write(`run ${found.id}\n${lines.join('')}${log}${steps}`);
  return 0;
}
