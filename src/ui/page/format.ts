import { localIso } from '../../core/clock.js';
import { shortNumber } from '../../core/number-text.js';
import { unicodeEscape, unprintable } from '../../core/unprintable.js';
import type { Cell } from '../wire.js';

/** The text of a value: numbers with four significant digits, empty if missing. */
export function cellText(value: Cell | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return shortNumber(value);
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A text with control characters, and those that change the direction of text, made visible. */
export const oneLine = (text: string) =>
  text
    .replace(/[\n\t\r]/g, (sign) => ({ '\n': '\\n', '\t': '\\t', '\r': '\\r' })[sign] ?? '')
    .replace(unprintable, unicodeEscape);

/** A local time, from milliseconds since 1970. */
export const timeText = (milliseconds: number) => localIso(new Date(milliseconds)).slice(0, 19).replace('T', ' ');

/** Whether a status is that of a run that runs or waits. */
export const isOpen = (status: string) => /^(RUNNING|STARTING|QUEUED|HELD)$/.test(status);
