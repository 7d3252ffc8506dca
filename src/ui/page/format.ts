import { localIso } from '../../core/clock.js';
import { shortNumber } from '../../core/number-text.js';
import type { Cell } from '../wire.js';

/** The text of a value: numbers with four significant digits, empty if missing. */
export function cellText(value: Cell | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return shortNumber(value);
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A text with control characters, and those that change the direction of text, made visible. */
export const oneLine = (text: string) =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    const named = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }[sign];
    return named ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

/** A local time, from milliseconds since 1970. */
export const timeText = (milliseconds: number) => localIso(new Date(milliseconds)).slice(0, 19).replace('T', ' ');

/** Whether a status is that of a run that runs or waits. */
export const isOpen = (status: string) => /^(RUNNING|STARTING|QUEUED|HELD)$/.test(status);
