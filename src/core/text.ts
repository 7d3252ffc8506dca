import { stripVTControlCharacters } from 'node:util';

/**
 * Returns a text that is safe to print in a terminal: without escape sequences and control characters, except
 * tab and newline.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

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
