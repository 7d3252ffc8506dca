import { localIso } from '../../core/clock.js';
import type { Cell } from '../wire.js';

/** A value as people read it: numbers with four digits that count, nothing for what is missing. */
export function cellText(value: Cell | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value));
}

export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** Control characters, and those that turn the direction of text round, made visible. */
export const oneLine = (text: string) =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    const named = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }[sign];
    return named ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

export const timeText = (milliseconds: number) => localIso(new Date(milliseconds)).slice(0, 19).replace('T', ' ');

/** Whether a run goes on or waits. */
export const isOpen = (status: string) => /^(RUNNING|STARTING|QUEUED|HELD)$/.test(status);
