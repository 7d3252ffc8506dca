import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rangesText } from '../core/consecutive.js';
import { printable } from '../core/text.js';
import type { ActionAnswer, ActionQuestion } from './wire.js';

/** The commands that the page may run, each with the options that it needs without a terminal. */
export const actions: Readonly<Record<string, readonly string[]>> = {
  stop: [],
  hold: [],
  release: [],
  resubmit: [],
  delete: ['--yes'],
};

/** Milliseconds after which a command is reported as still running: it may follow runs until they end. */
const patience = 15_000;

/**
 * Runs a command of mlx on runs, as in a shell. Returns its output, and its exit code if it has ended. The
 * command is a process of its own, which outlives this one. `mlx` are the words that start mlx.
 */
export async function act(
  { command, runs }: ActionQuestion,
  { store, cwd, mlx }: { readonly store: string; readonly cwd: string; readonly mlx: readonly [string, ...string[]] },
): Promise<ActionAnswer> {
  const words = [command, rangesText(runs), ...(actions[command] ?? [])];
  const shown = ['mlx', ...words].join(' ');
  const directory = mkdtempSync(join(tmpdir(), 'mlx-ui-'));
  const path = join(directory, 'output');
  const output = openSync(path, 'w');
  const [file, ...first] = mlx;
  // With execa the output would go through this process, and end with it.
  const child = spawn(file, [...first, ...words, '--store', store], {
    cwd,
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  const end = once(child, 'exit').then(([code]: (number | null)[]) => ({ code: code ?? 1 }));
  const ended = await Promise.race([end, sleep(patience, undefined, { ref: false })]);
  closeSync(output);
  const text = printable(readFileSync(path, 'utf8'));
  rmSync(directory, { recursive: true, force: true });
  return { command: shown, exitCode: ended?.code ?? null, output: text };
}
