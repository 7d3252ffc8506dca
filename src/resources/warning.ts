import { parseDuration } from '../core/clock.js';

/** The signals that a program can get as a warning: those that its supervisor passes on. */
export const warningSignals = ['USR1', 'USR2', 'HUP', 'INT', 'TERM', 'XCPU'] as const;
export type WarningSignal = (typeof warningSignals)[number];

/** A signal that is sent before a time limit. */
export interface Warning {
  /** Without `SIG`. */
  readonly signal: WarningSignal;
  /** Seconds before the limit. */
  readonly seconds: number;
}

/**
 * Reads `USR1@120`, `SIGUSR1@2m` or `USR1` (60 seconds before the limit). Returns undefined for any other
 * text.
 */
export function parseWarning(text: string): Warning | undefined {
  const [, name = '', time] = /^(?:SIG)?([A-Z]+\d?)(?:@(.+))?$/.exec(text.trim()) ?? [];
  const signal = warningSignals.find((known) => known === name);
  const seconds = time === undefined ? 60 : parseDuration(time);
  return signal && seconds !== undefined ? { signal, seconds } : undefined;
}

/** Returns the warning that the resource `signal` asks for, or undefined if there is none. */
export function signalOf({ signal }: { readonly signal?: string | undefined }): Warning | undefined {
  return signal === undefined ? undefined : parseWarning(signal);
}

/**
 * Returns how many seconds before its limit a run must stop if it continues in another job: a twentieth of
 * the limit, from 5 to 60 seconds.
 */
export function endMargin(limit: number): number {
  return Math.min(Math.max(5, Math.round(limit / 20)), 60, Math.floor(limit / 2));
}
