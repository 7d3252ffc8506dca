import { stripVTControlCharacters } from 'node:util';
import { unicodeEscape, unprintable } from './unprintable.js';

/** Returns a text without escape sequences, and without `unprintable` characters. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(unprintable, '');
}

/** Returns a value as JSON that is safe to print in a terminal, and is read back as the same value. */
export const jsonText = (value: unknown): string => escapeUnprintable(JSON.stringify(value));

/** Returns a text of which all strings are in double quotes, as JSON or YAML, with `\uXXXX` escapes. */
export const escapeUnprintable = (quoted: string): string => quoted.replace(unprintable, unicodeEscape);

/** Returns `printable` text on one line: newlines, tabs and carriage returns become `\n`, `\t`, `\r`. */
export function printableLine(text: string): string {
  return printable(text.replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r'));
}

/**
 * Returns what a terminal shows of a line that was overwritten, as progress bars do: the text after the last
 * carriage return.
 */
export function lastWritten(line: string): string {
  const whole = line.replace(/\r+$/, '');
  return whole.slice(whole.lastIndexOf('\r') + 1);
}
