import { basename } from 'node:path';
import type { Environment } from '../../core/environment.js';

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The signals that stay ignored if they are so when mlx is started, and their numbers. */
const ignorable = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
] as const;

/** Those that were ignored when mlx was started. */
const ignored = new Set<NodeJS.Signals>();

/**
 * Goes on ignoring the signals that were ignored when mlx was started, as nohup has it for HUP, and shells
 * for INT and QUIT of what a script runs in the background. Node has set them back by now; the start file has
 * left in the environment what it was given. Where that did not run (`nohup node mlx.cjs`), bash's `$_` tells
 * of nohup. Runs are in sessions of their own, which no terminal signals.
 */
export function keepIgnored(environment: Environment): void {
  // All three are in the last digit of the mask.
  const mask = Number.parseInt(environment['MLX_IGNORED_SIGNALS']?.slice(-1) || '0', 16);
  const isNohup = basename(environment['_'] ?? '') === 'nohup';
  for (const [name, number] of ignorable) {
    if (((mask >> (number - 1)) & 1) === 0 && !(name === 'SIGHUP' && isNohup)) continue;
    ignored.add(name);
    process.on(name, () => undefined);
  }
}

/**
 * Listens for the signals that end a launch, until `forget` is called, but not for ignored ones. `first` is
 * the signal that came first.
 */
export function listenForSignals(onSignal: (signal: StopSignal) => void): {
  first: StopSignal | undefined;
  forget: () => void;
} {
  const all: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const names = all.filter((name) => !ignored.has(name));
  const listen = (signal: NodeJS.Signals) => {
    const name = names.find((known) => known === signal);
    if (!name) return;
    state.first ??= name;
    onSignal(name);
  };
  const state: { first: StopSignal | undefined; forget: () => void } = {
    first: undefined,
    forget: () => {
      for (const name of names) process.off(name, listen);
    },
  };
  for (const name of names) process.on(name, listen);
  return state;
}
