import { createInterface } from 'node:readline';
import { fail } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/** Returns true if a person can answer: at a terminal, without `--yes`, and not in CI. */
export function canAsk(io: Io): boolean {
  return Boolean(!io.answersYes && process.stdin.isTTY && io.stderr.isTTY && !io.env['CI']);
}

/** Questions on the terminal, one after the other. */
export interface Dialogue {
  /**
   * Resolves to the trimmed answer. `flag` is the option that answers the question, if there is one. Throws
   * `interrupted` after Ctrl-C or Ctrl-D: that is no answer, so the command ends, and nothing may have been
   * written by then.
   */
  ask(question: string, flag?: string): Promise<string>;
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
  // What was typed before Ctrl-C is no answer either.
  reader.once('SIGINT', () => {
    typed.length = 0;
    reader.close();
  });
  reader.once('close', () => {
    closed = true;
    wake();
  });
  return {
    async ask(question, flag) {
      reader.setPrompt(question);
      if (!closed) reader.prompt();
      while (typed.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const answer = typed.shift();
      return answer === undefined ? fail({ reason: 'interrupted', question: question.trim(), flag }) : answer.trim();
    },
    close: () => reader.close(),
  };
}

/**
 * Asks a question to be answered with y or n. An empty answer is n; `--yes` answers y. Throws `needs-answer`
 * if nobody can be asked, and `interrupted`.
 */
export async function confirm(question: string, io: Io): Promise<boolean> {
  if (io.answersYes) return true;
  if (!canAsk(io)) return fail({ reason: 'needs-answer', question, flag: '--yes' });
  const dialogue = openDialogue(io);
  try {
    return /^y(es)?$/i.test(await dialogue.ask(`${question} [y/N] `));
  } finally {
    dialogue.close();
  }
}
