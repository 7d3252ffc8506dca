import { createInterface } from 'node:readline/promises';
import { fail } from '../../core/failure.js';
import type { Io } from '../command.js';

/**
 * Asks a question that is answered by y or n, n where nothing is typed. Throws `needs-answer` where nobody can be asked: in a
 * pipe, or in CI.
 */
export async function confirm(question: string, io: Io): Promise<boolean> {
  if (!process.stdin.isTTY || !io.stderr.isTTY || io.env['CI'])
    return fail({ reason: 'needs-answer', question, flag: '--yes' });
  const reader = createInterface({ input: process.stdin, output: io.stderr });
  // Ctrl-D and Ctrl-C are a no.
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  const answer = await Promise.race([reader.question(`${question} [y/N] `), closed]);
  reader.close();
  return /^y(es)?$/i.test(answer.trim());
}
