import type { CommandResult } from './engine.js';

// Reading what commands of engines print.

/**
 * Returns the first line that is neither empty nor unwanted, stderr before stdout, trimmed; an empty text if
 * there is no such line.
 */
export function firstWords({ stderr, stdout }: CommandResult, unwanted = /^\s*$/): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !unwanted.test(line)) ?? '';
}

/**
 * Yields the indexes of an array's tasks: `7`, `5,6`, `3-9:2`, also with a limit of running tasks at the end
 * (`1-8%2`).
 */
export function* taskIndexes(text: string): Generator<number> {
  for (const part of text.replace(/%\d+$/, '').split(',')) {
    const [, first, last, step] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part) ?? [];
    for (let i = Number(first); i <= Number(last ?? first); i += Number(step ?? 1)) yield i;
  }
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Reads an amount of memory: `4860K`, `1000M`, `203.688KB`, `3.9 Gbytes`. `unit` is the letter to assume if
 * the text has none. Returns bytes, or undefined for any other text.
 */
export function printedBytes(text: string, unit = ''): number | undefined {
  const [, amount, letter = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])?(?:i?b\w*)?[nc]?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Math.round(Number(amount) * (units[(letter || unit).toLowerCase()] ?? 1));
}

/**
 * Reads a duration: `1-02:03:04`, `02:03.250`, `00:00:10`. Returns seconds, or undefined for any other text.
 */
export function printedSeconds(text: string): number | undefined {
  const [, days = '0', clock = ''] = /^\s*(?:(\d+)-)?([\d:.]+)\s*$/.exec(text) ?? [];
  const parts = clock.split(':').map(Number);
  if (clock === '' || parts.some(Number.isNaN)) return undefined;
  return parts.reduce((sum, part) => sum * 60 + part, 0) + Number(days) * 86_400;
}
