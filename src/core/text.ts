import { stripVTControlCharacters } from 'node:util';

/** Text from elsewhere, safe to show in a terminal: escape sequences and control characters other than tab and newline removed. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** `printable` on one line: newlines and tabs become visible escapes. */
export function printableLine(text: string): string {
  return printable(text.replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r'));
}

/** What a terminal is left with of a line that was written over, as progress bars do: what follows its last carriage return. */
export function lastWritten(line: string): string {
  const whole = line.replace(/\r+$/, '');
  return whole.slice(whole.lastIndexOf('\r') + 1);
}
