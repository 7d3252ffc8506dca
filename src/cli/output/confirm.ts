import { createInterface } from 'node:readline';
import { fail } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/** Whether there is somebody to ask: nobody is in a pipe, or in CI. */
export function canAsk(io: Io): boolean {
  return Boolean(process.stdin.isTTY && io.stderr.isTTY && !io.env['CI']);
}

/** Questions on the terminal, one after the other. */
export interface Dialogue {
  /** The answer without blanks around it; undefined once Ctrl-D or Ctrl-C has ended the dialogue. */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** Opens a dialogue; what is typed before a question is asked is its answer all the same. */
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
 * Asks a question that is answered by y or n, n where nothing is typed. Throws `needs-answer` where nobody can be asked.
 */
export async function confirm(question: string, io: Io): Promise<boolean> {
  if (!canAsk(io)) return fail({ reason: 'needs-answer', question, flag: '--yes' });
  const dialogue = openDialogue(io);
  const answer = await dialogue.ask(`${question} [y/N] `);
  dialogue.close();
  return /^y(es)?$/i.test(answer ?? '');
}
