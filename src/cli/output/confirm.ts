import { createInterface } from 'node:readline';
import { fail } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/** Returns true if a person can answer: standard input is a terminal, and this is not CI. */
export function canAsk(io: Io): boolean {
  return Boolean(process.stdin.isTTY && io.stderr.isTTY && !io.env['CI']);
}

/** Questions on the terminal, one after the other. */
export interface Dialogue {
  /** Resolves to the trimmed answer; undefined after Ctrl-D or Ctrl-C has ended the dialogue. */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** Opens a dialogue. Lines that were typed early answer later questions. */
export function openDialogue(io: Io): Dialogue {
  const reader = createInterface({ input: process.stdin, output: io.stderr });
  const typed: string[] = [];
  let closed = false;
  let wake = () => {};
  reader.on('line', (line) => {
    typed.push(line);
    wake();
  });
  reader.once('close', () => {
    closed = true;
    wake();
  });
  return {
    async ask(question) {
      reader.setPrompt(question);
      if (!closed) reader.prompt();
      while (typed.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return typed.shift()?.trim();
    },
    close: () => reader.close(),
  };
}

/**
 * Asks a question to be answered with y or n. An empty answer is n. Throws `needs-answer` if nobody can be
 * asked.
 */
export async function confirm(question: string, io: Io): Promise<boolean> {
  if (!canAsk(io)) return fail({ reason: 'needs-answer', question, flag: '--yes' });
  const dialogue = openDialogue(io);
  const answer = await dialogue.ask(`${question} [y/N] `);
  dialogue.close();
  return /^y(es)?$/i.test(answer ?? '');
}
