import { isatty } from 'node:tty';
import { version } from '../../core/version.js';
import { loadMain } from './load-main.js';

/**
 * Runs the command line that this process was started with, as words of mlx. Everything else is loaded only
 * if needed, so that a command starts hardly slower than Node itself.
 */
export function start(command: string, wordsOf: (typed: readonly string[]) => readonly string[]): void {
  const typed = process.argv.slice(2);
  if (typed.length === 1 && (typed[0] === '--version' || typed[0] === '-V')) {
    process.stdout.on('error', () => {
      process.exitCode = 1;
      process.stderr.write(`${command}: can't write the output\n`);
    });
    process.stdout.write(`${command} ${version}\n`);
    return;
  }
  const terminals = [0, 1, 2].filter((file) => isatty(file));
  const { main, keepCompiled } = loadMain();
  main(wordsOf(typed), process).then((code) => {
    process.exitCode = code;
    keepCompiled();
    // Node aborts when it can't reset a terminal that is gone, so the hang-up itself ends the process.
    if (code === 129 && terminals.some((file) => !isatty(file))) endBy('SIGHUP');
  });
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
