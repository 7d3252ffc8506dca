import { execa } from 'execa';
import { split } from 'shlex';
import { printableLine } from '../../core/text.js';
import type { Io } from '../grammar/command.js';

/**
 * Starts the command of `--notify` without a shell, with the summary on its standard input and in
 * MLX_SUMMARY.
 */
export async function notify(command: string, summary: string, io: Io): Promise<void> {
  const [file = '', ...words] = split(command);
  const { failed, exitCode, shortMessage } = await execa(file, words, {
    input: summary,
    env: { MLX_SUMMARY: summary.trimEnd() },
    reject: false,
    stdout: 'ignore',
    stderr: 'inherit',
  });
  if (!failed) return;
  io.stderr.write(
    `warning: --notify: ${printableLine(exitCode === undefined ? String(shortMessage) : `exit code ${exitCode}`)}\n`,
  );
}
