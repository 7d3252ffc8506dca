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

/** `4.2s`, `3:07`, `2:03:07`, `1d 02:03`. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)}s`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (days) return `${days}d ${two(hours ?? 0)}:${two(minutes ?? 0)}`;
  return hours ? `${hours}:${two(minutes ?? 0)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[power]}`;
}

export const plural = (count: number, noun: string) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Whether a run goes on or waits. */
export const isOpen = (status: string) => /^(RUNNING|STARTING|QUEUED|HELD)$/.test(status);
