import { createInterface } from 'node:readline/promises';
import { fail } from '../../core/failure.js';
import type { Io } from '../command.js';

/** Whether there is somebody to ask: nobody is in a pipe, or in CI. */
export function canAsk(io: Io): boolean {
  return Boolean(process.stdin.isTTY && io.stderr.isTTY && !io.env['CI']);
}

/** Asks a question on the terminal; Ctrl-D and Ctrl-C answer nothing. */
export async function ask(question: string, io: Io): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: io.stderr });
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  const answer = await Promise.race([reader.question(question), closed]);
  reader.close();
  return answer.trim();
}

/**
 * Asks a question that is answered by y or n, n where nothing is typed. Throws `needs-answer` where nobody can be asked.
 */
export async function confirm(question: string, io: Io): Promise<boolean> {
  if (!canAsk(io)) return fail({ reason: 'needs-answer', question, flag: '--yes' });
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, io));
}
